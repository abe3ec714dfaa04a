using System.Text.Json;
using Watchword.Cryptography;

namespace Watchword.KeyManagement.Tests;

public sealed class KmsResponseTests
{
    private static readonly TestDomain Domain = TestDomain.Shared;
    private static readonly AnnexDReadOptions Lenient = AnnexDReadOptions.Response with { Lenient = true };

    public static TheoryData<long> InitChanges => [.. Vectors.Read("annexd/documents.json", "initChanges").Select(v => v.Number("id"))];

    [Fact]
    public void An_init_response_is_read_back()
    {
        KmsCertificate sent = Domain.Certificate;
        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(TestDomain.Answer(new KmsInit(sent))));
        (response.UserUri, response.KmsUri, response.Time, response.KmsId, response.ClientReqUrl, response.Error)
            .ShouldBe((TestDomain.User, TestDomain.Kms, TestDomain.Now, "KMSProvider12345", TestDomain.Url, null));
        KmsInit init = response.Message.ShouldBeOfType<KmsInit>();
        init.HasNewKeys.ShouldBeFalse();
        KmsCertificate read = init.Certificate;
        (read.Role, read.CertUri, read.KmsUri, read.Issuer, read.ValidFrom, read.ValidTo, read.Revoked)
            .ShouldBe((sent.Role, sent.CertUri, sent.KmsUri, sent.Issuer, sent.ValidFrom, sent.ValidTo, sent.Revoked));
        (read.UserIdFormat, read.Schedule, read.ParameterSet, read.IsSecurityGateway).ShouldBe(("2", sent.Schedule, 1, null));
        read.PublicEncryptionKey.Equals(sent.PublicEncryptionKey).ShouldBeTrue();
        read.PublicAuthenticationKey.Equals(sent.PublicAuthenticationKey).ShouldBeTrue();
        read.Domains.ShouldBe(sent.Domains);
    }

    [Fact]
    public void A_certificate_of_the_least_content_is_read_back()
    {
        KmsCertificate least = new()
        {
            Role = KmsCertificateRole.External,
            IsSecurityGateway = true,
            KmsUri = "k",
            Revoked = true,
            Schedule = new KeyPeriodSchedule(long.MaxValue, long.MaxValue - 1),
            PublicEncryptionKey = Domain.Certificate.PublicEncryptionKey,
            PublicAuthenticationKey = Domain.Certificate.PublicAuthenticationKey,
        };
        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(TestDomain.Answer(new KmsInit(least))));
        KmsCertificate read = ((KmsInit)response.Message!).Certificate;
        (read.Role, read.CertUri, read.Issuer, read.ValidFrom, read.ValidTo, read.Revoked, read.IsSecurityGateway, read.Domains.Count)
            .ShouldBe((KmsCertificateRole.External, null, null, null, null, true, true, 0));
        read.Schedule.ShouldBe(least.Schedule);
    }

    [Theory]
    [InlineData(UserIdEncoding.Base64, true)]
    [InlineData(UserIdEncoding.Hexadecimal, false)]
    public void A_keyprov_response_is_read_back_octet_by_octet(UserIdEncoding encoding, bool zone)
    {
        using KmsKeySet first = Domain.Issue();
        using KmsKeySet second = Domain.Issue("tel:+447700900123", TestDomain.Period + 1);
        byte[] document = TestDomain.Write(
            TestDomain.Answer(new KmsKeyProv([first, second])), new AnnexDOptions { UserIdEncoding = encoding, TimesCarryZone = zone });
        using KmsResponse response = KmsResponse.Parse(document);
        IReadOnlyList<KmsKeySet> read = response.Message.ShouldBeOfType<KmsKeyProv>().KeySets;
        read.Count.ShouldBe(2);
        foreach ((KmsKeySet sent, KmsKeySet got) in new[] { (first, read[0]), (second, read[1]) })
        {
            (got.KmsUri, got.CertUri, got.Issuer, got.UserUri, got.ValidFrom, got.ValidTo, got.KeyPeriodNumber, got.Revoked)
                .ShouldBe((sent.KmsUri, sent.CertUri, sent.Issuer, sent.UserUri, sent.ValidFrom, sent.ValidTo, sent.KeyPeriodNumber, sent.Revoked));
            got.UserId.ShouldBe(sent.UserId);
            Keys(got).ShouldBe(Keys(sent));
        }
    }

    [Fact]
    public void Keys_leave_in_upper_case_and_come_in_in_either()
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued);
        string receiver = Content(document, "UserDecryptKey");
        receiver.ShouldBe(Keys(issued)[..514]);
        using KmsResponse lower = KmsResponse.Parse(TestDomain.Octets(document.Replace(receiver, receiver.ToLowerInvariant(), StringComparison.Ordinal)));
        Keys(((KmsKeyProv)lower.Message!).KeySets[0]).ShouldBe(Keys(issued));
    }

    [Fact]
    public void Options_select_the_spelling_of_uid_and_time()
    {
        using KmsKeySet issued = Domain.Issue();
        KmsResponse answer = TestDomain.Answer(new KmsKeyProv([issued]));
        string usual = TestDomain.WriteText(answer);
        Content(usual, "UserID").ShouldBe(issued.UserId.ToBase64());
        Content(usual, "Time").ShouldBe("2026-01-10T12:00:00Z");
        string other = TestDomain.WriteText(answer, new AnnexDOptions { UserIdEncoding = UserIdEncoding.Hexadecimal, TimesCarryZone = false });
        Content(other, "UserID").ShouldBe(issued.UserId.ToHex());
        Content(other, "Time").ShouldBe("2026-01-10T12:00:00");
    }

    [Fact]
    public void An_error_is_read_back()
    {
        KmsErrorBody error = new(403, "The identity is not the caller's. <a&b> \"é\" (correlation 4711)");
        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(TestDomain.Answer(null, error)));
        response.Error.ShouldBe(error);
        response.Message.ShouldBeNull();
    }

    [Fact]
    public void An_answer_without_key_sets_is_an_answer()
    {
        using KmsResponse response = KmsResponse.Parse(TestDomain.Write(TestDomain.Answer(new KmsKeyProv([]))));
        response.Message.ShouldBeOfType<KmsKeyProv>().KeySets.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(InitChanges))]
    public void A_changed_init_response_is_read_or_refused_as_its_vector_says(long id)
    {
        JsonElement vector = Vectors.Read("annexd/documents.json", "initChanges").Single(v => v.Number("id") == id);
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsInit(Domain.Certificate)));
        document.ShouldContain(vector.Text("old"), Case.Sensitive);
        document = document.Replace(vector.Text("old"), vector.Text("new"), StringComparison.Ordinal)
            .Replace("</KmsResponse>", vector.OptionalText("append") + "</KmsResponse>", StringComparison.Ordinal);
        KeyManagementFormatFault? fault = vector.OptionalText("fault") is { } name ? Enum.Parse<KeyManagementFormatFault>(name) : null;
        fault.HasValue.ShouldBe(vector.Text("result") == "invalid");
        ReadOrRefused(document, fault, vector.OptionalText("path"));
    }

    [Theory]
    [InlineData("UserDecryptKey", "")]
    [InlineData("UserDecryptKey", "DEADBEEF")]
    [InlineData("UserSigningKeySSK", "0")]
    [InlineData("UserPubTokenPVT", "04")]
    public void A_key_of_another_length_is_refused(string element, string digits)
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued);
        ReadOrRefused(
            document.Replace(Content(document, element), digits, StringComparison.Ordinal),
            KeyManagementFormatFault.WrongLength, $"KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[1]/{element}");
    }

    [Theory]
    [InlineData("UserID", KeyManagementFormatFault.MissingElement)]
    [InlineData("KeyPeriodNo", KeyManagementFormatFault.MissingElement)]
    [InlineData("UserDecryptKey", KeyManagementFormatFault.MissingElement)]
    [InlineData("UserSigningKeySSK", KeyManagementFormatFault.MissingElement)]
    [InlineData("UserPubTokenPVT", KeyManagementFormatFault.MissingElement)]
    public void A_key_set_without_a_mandatory_element_is_refused(string element, KeyManagementFormatFault fault)
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued);
        int start = document.IndexOf('<' + element, StringComparison.Ordinal);
        int end = document.IndexOf("</" + element + ">", StringComparison.Ordinal) + element.Length + 3;
        ReadOrRefused(document.Remove(start, end - start), fault, $"KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[1]/{element}");
    }

    [Fact]
    public void The_fault_of_a_later_key_set_names_it()
    {
        using KmsKeySet first = Domain.Issue();
        using KmsKeySet second = Domain.Issue("sip:other@example.org");
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([first, second])));
        ReadOrRefused(
            document.Replace(Content(document[document.LastIndexOf("<KmsKeySet", StringComparison.Ordinal)..], "UserID"), "AAAA", StringComparison.Ordinal),
            KeyManagementFormatFault.InvalidValue, "KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[2]/UserID");
    }

    [Fact]
    public void An_encrypted_key_is_told_and_not_used()
    {
        using KmsKeySet issued = Domain.Issue();
        string document = Encrypt(KeyProv(issued), "EncKeyContentType");
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document));
        KmsKeySet read = ((KmsKeyProv)response.Message!).KeySets[0];
        read.HasEncryptedKeys.ShouldBeTrue();
        read.TryValidate(Domain.Certificate, out _, out KeySetFault fault).ShouldBeFalse();
        fault.ShouldBe(KeySetFault.EncryptedKeys);
        Should.Throw<InvalidOperationException>(() => read.ExportSigningSecret(new byte[EccsiSigningKey.SecretSizeInBytes]));
        Should.Throw<InvalidOperationException>(() => TestDomain.Write(response));
    }

    [Theory]
    [InlineData(null, true, true)]
    [InlineData("k:EncKeyContentType", true, true)]
    [InlineData("KeyContentType", false, true)]
    public void The_content_of_a_key_decides_what_it_is(string? type, bool strict, bool lenient)
    {
        using KmsKeySet issued = Domain.Issue();
        string encrypted = Encrypt(KeyProv(issued), type);
        KmsResponse.TryParse(TestDomain.Octets(encrypted), null, out _).ShouldBe(strict);
        KmsResponse.TryParse(TestDomain.Octets(encrypted), Lenient, out _).ShouldBe(lenient);

        string plain = KeyProv(issued).Replace("KeyContentType", type is null ? "KeyContentType" : type == "KeyContentType" ? "EncKeyContentType" : "k:KeyContentType", StringComparison.Ordinal);
        KmsResponse.TryParse(TestDomain.Octets(plain), null, out _).ShouldBe(strict);
        KmsResponse.TryParse(TestDomain.Octets(plain), Lenient, out _).ShouldBe(lenient);
    }

    [Fact]
    public void A_key_without_type_is_plain()
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued).Replace(" xsi:type=\"KeyContentType\"", "", StringComparison.Ordinal);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document));
        Keys(((KmsKeyProv)response.Message!).KeySets[0]).ShouldBe(Keys(issued));
    }

    [Theory]
    [InlineData("<b/>")]
    [InlineData(AnnexDSchemaTests.EncryptedKey)]
    public void A_key_mixed_of_digits_and_elements_is_refused(string element)
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued);
        string digits = Content(document, "UserSigningKeySSK");
        ReadOrRefused(
            document.Replace(digits, digits + element, StringComparison.Ordinal),
            KeyManagementFormatFault.UnexpectedContent, "KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[1]/UserSigningKeySSK");
        ReadOrRefused(
            document.Replace(digits, element + digits, StringComparison.Ordinal),
            KeyManagementFormatFault.UnexpectedContent, "KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[1]/UserSigningKeySSK");
    }

    [Fact]
    public void A_key_in_pieces_or_with_blanks_within_is_read_where_leniency_allows()
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued);
        string digits = Content(document, "UserDecryptKey");
        string pieces = document.Replace(digits, $"{digits[..7]}<![CDATA[{digits[7..100]}]]><!-- c -->{digits[100..]}", StringComparison.Ordinal);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(pieces));
        Keys(((KmsKeyProv)response.Message!).KeySets[0]).ShouldBe(Keys(issued));

        string broken = document.Replace(digits, $"{digits[..64]}\n  {digits[64..]}", StringComparison.Ordinal);
        KmsResponse.TryParse(TestDomain.Octets(broken), null, out _).ShouldBeFalse();
        using KmsResponse lenient = KmsResponse.Parse(TestDomain.Octets(broken), Lenient);
        Keys(((KmsKeyProv)lenient.Message!).KeySets[0]).ShouldBe(Keys(issued));
    }

    [Fact]
    public void A_response_of_another_namespace_is_read_leniently()
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeyProv(issued).Replace(TestDomain.Namespace, "http://www.kapsch.net/mcptt/xml/KmsInterface", StringComparison.Ordinal);
        KmsResponse.TryParse(TestDomain.Octets(document), null, out _).ShouldBeFalse();
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(document), Lenient);
        ((KmsKeyProv)response.Message!).KeySets[0].TryValidate(Domain.Certificate, out ValidatedKeySet? keys, out _).ShouldBeTrue();
        keys!.Dispose();
    }

    [Fact]
    public void What_xml_cannot_carry_is_not_written()
    {
        KmsResponse answer = TestDomain.Answer(null, new KmsErrorBody(400, "\u0001"));
        Should.Throw<ArgumentException>(() => TestDomain.Write(answer));
    }

    [Fact]
    public async Task A_response_is_read_from_a_stream()
    {
        using KmsKeySet issued = Domain.Issue();
        using MemoryStream stream = new(TestDomain.Write(TestDomain.Answer(new KmsKeyProv([issued]))));
        using KmsResponse response = await KmsResponse.ParseAsync(stream, null, TestContext.Current.CancellationToken);
        Keys(((KmsKeyProv)response.Message!).KeySets[0]).ShouldBe(Keys(issued));
    }

    [Fact]
    public void A_signed_response_is_refused_as_such() =>
        ReadOrRefused($"<SignedKmsResponse xmlns=\"{TestDomain.Namespace}\"/>", KeyManagementFormatFault.UnsupportedMessage, "/");

    private static void ReadOrRefused(string document, KeyManagementFormatFault? fault, string? path)
    {
        if (fault is null)
        {
            KmsResponse.Parse(TestDomain.Octets(document)).Dispose();
            return;
        }

        KeyManagementFormatException refused =
            Should.Throw<KeyManagementFormatException>(() => KmsResponse.Parse(TestDomain.Octets(document)));
        (refused.Fault, refused.ElementPath).ShouldBe((fault.Value, path!));
    }

    private static string KeyProv(KmsKeySet keySet) => TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([keySet])));

    private static string Encrypt(string document, string? type)
    {
        int start = document.IndexOf("<UserSigningKeySSK", StringComparison.Ordinal);
        int end = document.IndexOf("</UserSigningKeySSK>", StringComparison.Ordinal);
        string typed = type is null ? "" : $" xsi:type=\"{type}\"";
        return document[..start] + $"<UserSigningKeySSK{typed}>" + AnnexDSchemaTests.EncryptedKey + document[end..];
    }

    private static string Content(string document, string name)
    {
        int start = document.IndexOf('>', document.IndexOf('<' + name, StringComparison.Ordinal)) + 1;
        return document[start..document.IndexOf("</" + name, start, StringComparison.Ordinal)];
    }

    private static string Keys(KmsKeySet keySet)
    {
        byte[] octets = new byte[257 + 32 + 65];
        keySet.ExportReceiverKey(octets.AsSpan(0, 257));
        keySet.ExportSigningSecret(octets.AsSpan(257, 32));
        keySet.ExportPublicToken(octets.AsSpan(289, 65));
        return Convert.ToHexString(octets);
    }
}
