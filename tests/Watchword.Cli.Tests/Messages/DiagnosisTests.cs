using System.Text;
using System.Text.Json;
using Watchword.Cli.Diagnosis;
using Watchword.Cli.Messages;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Cli.Tests.Messages;

/// <summary>For each thing that peers get wrong: the finding that says so, and that the same message in order has none.</summary>
public sealed class DiagnosisTests
{
    private const string Alice = "sip:alice@example.org";
    private const string Bob = "sip:bob@example.org";

    private static KeyedDomain Home => KeyedDomain.Home;

    [Fact]
    public void A_message_of_every_purpose_fits_in_every_check()
    {
        foreach (KeyDistribution distribution in KeyDistribution.All)
        {
            byte[] message = Home.Message(distribution, Alice, Home.Recipient(Bob), SampleMessages.Everything(distribution));

            DiagnosisResult result = Run(message, [Home.Own(Bob), Home.Own(Alice)]);

            result.Findings.Where(f => f.Result is FindingResult.Failed or FindingResult.Unknown).ShouldBeEmpty();
            Text(result, "signature").ShouldContain(Alice);
            Text(result, "key").ShouldContain(Bob);
            Text(result, "key to self").ShouldContain(Alice);
            Text(result, "key parameters").ShouldContain("\"night watch\"");
            Text(result, "identifier").ShouldContain("-ID ");
            result.Uids.Count.ShouldBe(6);
        }
    }

    [Fact]
    public void Uids_are_those_of_the_period_of_T_and_its_neighbours()
    {
        DiagnosisResult result = Run(Message());

        long period = Home.PeriodAt(KeyedDomain.T);
        result.Uids.Where(u => u.Role == "receiver").Select(u => (u.Period, u.Uid.ToHex())).ShouldBe(
            new[] { period, period - 1, period + 1 }.Select(number => (number, Home.Certificate.UserIdFor(Bob, number).ToHex())));
    }

    [Theory]
    [InlineData("without length")]
    [InlineData("length 32 signed")]
    [InlineData("zeros appended")]
    [InlineData("unannounced")]
    [InlineData("without header")]
    public void A_signature_over_other_octets_is_named(string form)
    {
        byte[] message = Home.SignedAnew(Message(), Alice, Octets(form));

        Finding finding = Failed(Run(message), "signature");

        finding.Text.ShouldContain(form switch
        {
            "without length" => "without the two octets of S type and signature length",
            "length 32 signed" => "over a signature length of 32, while the message says 129",
            "zeros appended" => "zeros in place of the signature",
            "unannounced" => "before SIGN was added",
            _ => "without the header",
        });
        finding.Next.ShouldNotBeNull();
        Run(Message()).IsClean.ShouldBeTrue();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_signature_of_another_key_period_is_named(int distance)
    {
        byte[] message = Home.SignedAnew(Message(), Alice, signed => signed, distance);

        long period = Home.PeriodAt(KeyedDomain.T);
        Failed(Run(message), "signature").Text.ShouldContain(
            $"key period {period + distance}, while T, 2026-06-01 12:00:00Z, lies in period {period}");
    }

    [Fact]
    public void A_signature_with_another_identity_than_the_uid_is_named()
    {
        UserId lower = Home.Certificate.UserIdFor("sip:alice@example.org", Home.PeriodAt(KeyedDomain.T));
        byte[] message = Home.Message(KeyDistribution.Pck, "sip:Alice@example.org", Home.Recipient(Bob));

        Failed(Run(Home.SignedAnew(message, lower.Octets, signed => signed)), "signature")
            .Text.ShouldContain("the URI in lower case");
        Failed(Run(Home.SignedAnew(message, Encoding.UTF8.GetBytes("sip:Alice@example.org"), signed => signed)), "signature")
            .Text.ShouldContain("with the URI itself as identity");
    }

    [Fact]
    public void A_signature_of_another_domain_is_named()
    {
        byte[] message = KeyedDomain.Partner.SignedAnew(
            Message(),
            KeyedDomain.Partner.Certificate.UserIdFor(Alice, KeyedDomain.Partner.PeriodAt(KeyedDomain.T)).Octets,
            signed =>
                signed);

        Finding finding = Failed(Run(message, certificates: [Home.Certificate, KeyedDomain.Partner.Certificate]), "signature");

        finding.Text.ShouldContain("under the keys of kms.example.net, while the message names kms.example.org");
        finding.Next.ShouldNotBeNull().ShouldContain("IDRkmsi");
    }

    [Fact]
    public void A_changed_octet_fits_nothing_and_says_what_was_tried()
    {
        byte[] message = Message();
        message[30] ^= 1;

        Failed(Run(message), "signature").Text.ShouldContain("tried key period");
    }

    [Fact]
    public void A_domain_that_is_not_known_or_spelled_otherwise_is_named()
    {
        Finding unknown = Of(Run(Message(), certificates: [KeyedDomain.Partner.Certificate]), "initiator domain");
        unknown.Result.ShouldBe(FindingResult.Unknown);
        unknown.Text.ShouldContain("another domain than those at hand: kms.example.net");

        MikeyRecipient upper = Home.Recipient(Bob) with { KmsUri = "KMS.example.org" };
        Failed(Run(Home.Message(KeyDistribution.Pck, Alice, upper)), "receiver domain").Text.ShouldContain("octet by octet");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_key_of_another_period_is_opened_and_named(int distance)
    {
        byte[] message = Home.Message(KeyDistribution.Pck, Alice, Home.Recipient(Bob, distance));

        Finding finding = Failed(Run(message, [Home.Own(Bob), Home.Own(Bob, distance)]), "key");

        finding.Text.ShouldContain($"the UID of key period {Home.PeriodAt(KeyedDomain.T) + distance}, while T");
    }

    [Fact]
    public void A_key_for_somebody_else_or_another_domain_is_named()
    {
        Failed(Run(Message(), [Home.Own("sip:carol@example.org")]), "key").Text
            .ShouldBe($"the message is for {Bob}; the key sets at hand are those of sip:carol@example.org");

        byte[] other = Home.Message(KeyDistribution.Pck, Alice, KeyedDomain.Partner.Recipient(Bob));
        Failed(Run(other, [Home.Own(Bob)]), "key").Text.ShouldContain("names the KMS kms.example.net");

        byte[] mixed = Home.Message(
            KeyDistribution.Pck, Alice, KeyedDomain.Partner.Recipient(Bob) with { KmsUri = Home.Certificate.KmsUri });
        Failed(Run(mixed, [Home.Own(Bob)]), "key").Text.ShouldContain("under another KMS certificate");
    }

    [Fact]
    public void A_key_set_that_is_missing_is_named()
    {
        Finding finding = Failed(Run(Message(), [Home.Own(Bob, -1)]), "key");

        finding.Text.ShouldContain("there is no key set of sip:bob@example.org for the key period of T");
        finding.Next.ShouldBe("fetch it: watchword keys get");
    }

    [Fact]
    public void A_leading_zero_dropped_from_H_is_named_and_the_key_opened()
    {
        byte[] message = Message();
        MikeyMessage parsed = MikeyMessage.Parse(message);
        // A key whose H begins with zero, which the sender leaves out: 272 octets.
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        do
        {
            Home.Certificate.PublicEncryptionKey.Encapsulate(Home.Recipient(Bob).Uid.Span, secret, encapsulated);
        }
        while (encapsulated[257] != 0);

        int sakke = message.AsSpan().IndexOf(parsed.Sakke.Encapsulated.Span);
        byte[] shorter = [.. message[..sakke], .. encapsulated[..257], .. encapsulated[258..], .. message[(sakke + 273)..]];
        shorter[sakke - 1] = 0x10;
        shorter = Home.SignedAnew(shorter, Alice, signed => signed);

        DiagnosisResult result = Run(shorter, [Home.Own(Bob)]);

        Failed(result, "form").Text.ShouldContain("WrongLength");
        Failed(result, "key").Text.ShouldContain("dropped the leading zero of H");
        Of(result, "signature").Result.ShouldBe(FindingResult.Passed);
    }

    [Fact]
    public void A_leading_zero_of_g_r_dropped_before_hashing_is_named()
    {
        using JsonDocument vector = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "sakke", "unpadded_sender.json")));
        SakkePublicKey authority = SakkePublicKey.Import(Octets(vector, "publicKey"));
        KmsCertificate domain = new()
        {
            Role = KmsCertificateRole.Root,
            KmsUri = Home.Certificate.KmsUri,
            Schedule = Home.Certificate.Schedule,
            PublicAuthenticationKey = Home.Certificate.PublicAuthenticationKey,
            PublicEncryptionKey = authority,
        };
        long period = vector.RootElement.GetProperty("period").GetInt64();
        domain.UserIdFor(Bob, period).Octets.ToArray().ShouldBe(Octets(vector, "identity"));
        OwnKey own = OwnKey.Of(
            domain, Bob, period, () => SakkeReceiverKey.Import(authority, Octets(vector, "identity"), Octets(vector, "rsk")));
        byte[] message = Message();
        int sakke = message.AsSpan().IndexOf(MikeyMessage.Parse(message).Sakke.Encapsulated.Span);
        Octets(vector, "unpadded").CopyTo(message, sakke);

        Finding finding = Failed(Run(Home.SignedAnew(message, Alice, signed => signed), [own], [domain]), "key");

        finding.Text.ShouldContain("the sender dropped the leading zero of g^r before hashing it");
        Octets(vector, "padded").CopyTo(message, sakke);
        Of(Run(Home.SignedAnew(message, Alice, signed => signed), [own], [domain]), "key").Result.ShouldBe(FindingResult.Passed);
    }

    [Fact]
    public void A_point_that_was_changed_is_named()
    {
        byte[] message = Message();
        int sakke = message.AsSpan().IndexOf(MikeyMessage.Parse(message).Sakke.Encapsulated.Span);
        message[sakke + 100] ^= 1;

        Failed(Run(message, [Home.Own(Bob)]), "key").Text.ShouldContain("R is no point of the group");
    }

    [Fact]
    public void A_time_counted_from_1970_is_named()
    {
        byte[] message = Home.Message(
            KeyDistribution.Pck, Alice, Home.Recipient(Bob), time: KeyedDomain.T.AddSeconds(-2_208_988_800));

        Failed(Run(message), "time").Text.ShouldContain("as seconds since 1970 it would be 2026-06-01 12:00:00Z");
    }

    [Fact]
    public void A_message_of_another_day_is_only_noted()
    {
        byte[] message = Home.Message(KeyDistribution.Pck, Alice, Home.Recipient(Bob), time: KeyedDomain.T.AddDays(-3));

        Finding finding = Of(Run(message), "time");

        finding.Result.ShouldBe(FindingResult.Note);
        finding.Text.ShouldContain("3 days ago");
    }

    [Fact]
    public void A_signature_length_as_printed_is_named_and_the_rest_checked()
    {
        byte[] message = Message();
        message[^130] = 32;
        message = Home.SignedAnew(message, Alice, signed => signed);

        DiagnosisResult result = Run(message, [Home.Own(Bob)]);

        Failed(result, "form").Text.ShouldContain("as TS 33.180 E.1.2 prints it");
        Of(result, "signature").Result.ShouldBe(FindingResult.Passed);
        Of(result, "key").Result.ShouldBe(FindingResult.Passed);
    }

    [Fact]
    public void An_SPI_of_another_identifier_is_named()
    {
        KeyMessageOptions options = new() { Sessions = [McCryptoSession.McpttGroup] };
        byte[] message = Home.Message(KeyDistribution.Gmk, Alice, Home.Recipient(Bob), options);
        MikeyGenericIdMap map = (MikeyGenericIdMap)MikeyMessage.Parse(message).Header.Map;
        message[message.AsSpan().IndexOf(map.Sessions[0].Spi.Span) + 1] ^= 1;

        Failed(Run(Home.SignedAnew(message, Alice, signed => signed), [Home.Own(Bob)]), "identifier")
            .Text.ShouldContain("is not that of the key");
    }

    [Fact]
    public void Hidden_identities_are_found_by_their_uids()
    {
        byte[] message = Home.Message(
            KeyDistribution.Pck, Alice, Home.Recipient(Bob), new KeyMessageOptions { HideIdentities = true });

        DiagnosisResult result = Run(message, [Home.Own(Bob)]);

        result.IsClean.ShouldBeTrue();
        Text(result, "receiver").ShouldBe($"the hidden receiver is {Bob}");
    }

    [Fact]
    public void Whatever_the_octets_are_the_diagnosis_ends()
    {
        byte[] message = Message();
        for (int i = 0; i < message.Length; i += 3)
        {
            byte[] changed = [.. message];
            changed[i] ^= 0xFF;
            DiagnosisResult result = Run(changed, certificates: []);
            result.Findings.Count.ShouldBeGreaterThan(2);
        }
    }

    private static byte[] Octets(JsonDocument vector, string name) => Convert.FromHexString(
        vector.RootElement.GetProperty(name).GetString()!);

    private static Func<byte[], byte[]> Octets(string form) => form switch
    {
        "without length" => signed => signed[..^2],
        "length 32 signed" => signed => [.. signed[..^2], 0x20, 0x20],
        "zeros appended" => signed => [.. signed, .. new byte[129]],
        "unannounced" => Unannounced,
        _ => signed => signed[10..],
    };

    // The payload before SIGN is SAKKE, whose first octet announces SIGN.
    private static byte[] Unannounced(byte[] signed)
    {
        byte[] result = signed[..^2];
        result[result.Length - 278].ShouldBe((byte)4);
        result[^278] = 0;
        return result;
    }

    private static byte[] Message() => Home.Message(KeyDistribution.Pck, Alice, Home.Recipient(Bob));

    private static DiagnosisResult Run(
        byte[] message, IReadOnlyList<OwnKey>? keys = null, IReadOnlyList<KmsCertificate>? certificates = null) =>
        new MessageDiagnosis(certificates ?? [Home.Certificate], keys ?? [], KeyedDomain.T)
            .Run(MessageDissector.Dissect(message, KeyedDomain.T));

    private static Finding Of(DiagnosisResult result, string check) => result.Findings.Single(f => f.Check == check);

    private static string Text(DiagnosisResult result, string check) => Of(result, check).Text;

    private static Finding Failed(DiagnosisResult result, string check)
    {
        Finding finding = Of(result, check);
        finding.Result.ShouldBe(FindingResult.Failed, finding.Text);
        return finding;
    }
}
