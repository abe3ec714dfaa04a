using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Watchword.KeyManagement.Tests;

public sealed class KmsRequestTests
{
    private const string File = "annexd/documents.json";
    private const string Namespace = "xmlns='urn:3gpp:ns:mcsecKMSInterface:1.0'";

    private const string Base =
        "<UserUri>sip:user@example.org</UserUri><KmsUri>kms.example.org</KmsUri><Time>2014-01-26T10:07:14Z</Time>"
        + "<ClientReqUrl>https://kms.example.org/x</ClientReqUrl>";

    private static readonly Gen<string> Uris =
        Gen.String[Gen.Char["abc:@/%&<>\"'+.-ü€🚒"], 1, 30].Where(s => !s.EnumerateRunes().Contains(Rune.ReplacementChar));

    private static readonly Gen<DateTimeOffset> Times =
        Gen.Long[0, DateTime.MaxValue.Ticks].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    public static TheoryData<long> Documents => [.. Vectors.Read(File, "requests").Select(v => v.Number("id"))];

    public static TheoryData<string> TimeTexts => [.. Vectors.Read(File, "times").Select(v => v.Text("text"))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_request_is_read_or_refused_as_its_vector_says(long id)
    {
        JsonElement vector = Vectors.Read(File, "requests").Single(v => v.Number("id") == id);
        byte[] document = Encoding.UTF8.GetBytes(
            vector.Text("xml").Replace("{q}", Namespace, StringComparison.Ordinal).Replace("{base}", Base, StringComparison.Ordinal));
        if (vector.Text("result") == "valid")
        {
            KmsRequest request = KmsRequest.Parse(document);
            request.UserUri.ShouldBe("sip:user@example.org");
            request.KmsUri.ShouldBe("kms.example.org");
            request.Time.ShouldBe(new DateTimeOffset(2014, 1, 26, 10, 7, 14, TimeSpan.Zero));
            request.ClientReqUrl.ShouldBe("https://kms.example.org/x");
        }
        else
        {
            KeyManagementFormatException refused = Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(document));
            (refused.Fault.ToString(), refused.ElementPath).ShouldBe((vector.Text("fault"), vector.Text("path")));
            KmsRequest.TryParse(document, null, out _).ShouldBeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(TimeTexts))]
    public void A_time_without_zone_is_utc_and_a_bad_one_is_refused(string text)
    {
        JsonElement vector = Vectors.Read(File, "times").Single(v => v.Text("text") == text);
        byte[] document = Document(Base.Replace("2014-01-26T10:07:14Z", text, StringComparison.Ordinal));
        if (vector.OptionalText("utc") is { } utc)
        {
            KmsRequest.Parse(document).Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture).ShouldBe(utc);
        }
        else
        {
            Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(document)).Fault.ShouldBe(KeyManagementFormatFault.InvalidValue);
        }
    }

    [Fact]
    public void A_written_request_is_read_back() =>
        Gen.Select(Uris, Uris, Times, Gen.String.Where(IsXmlText), Gen.Bool, Gen.Int, Gen.Bool).Sample((user, kms, time, text, some, code, zone) =>
        {
            KmsRequest request = new()
            {
                UserUri = user,
                KmsUri = kms,
                Time = time,
                ClientReqUrl = kms,
                ClientId = some ? text : null,
                DeviceId = some ? null : text,
                ClientError = some ? new KmsErrorBody(code, text) : null,
                TransportKeyId = some ? "tk.12.user@example.org" : null,
                SignatureId = some ? null : "ink.12.user@example.org",
            };
            MemoryStream document = new();
            request.WriteTo(document, new AnnexDOptions { TimesCarryZone = zone });
            KmsRequest read = KmsRequest.Parse(document.ToArray());
            return read.UserUri == user && read.KmsUri == kms && read.Time == time && read.ClientId == request.ClientId
                && read.DeviceId == request.DeviceId && read.ClientError == request.ClientError && read.ClientReqUrl == kms
                && read.TransportKeyId == request.TransportKeyId && read.SignatureId == request.SignatureId
                && read.RedirectResponses.Count == 0 && read.TimeHadZone == zone;
        });

    [Fact]
    public void A_message_never_repeats_the_document()
    {
        KeyManagementFormatException refused = Should.Throw<KeyManagementFormatException>(
            () => KmsRequest.Parse(Document("<Secret-0x5EC>hunter2</Secret-0x5EC>")));
        refused.ToString().ShouldNotContain("Secret-0x5EC");
        refused.ToString().ShouldNotContain("hunter2");
        refused = Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(Document("<UserUri>hunter2</Secret-0x5EC>")));
        refused.ToString().ShouldNotContain("Secret-0x5EC");
        refused.InnerException.ShouldBeNull();
    }

    [Fact]
    public void Deep_nesting_is_refused_at_the_limit()
    {
        string open = string.Concat(Enumerable.Repeat("<a xmlns='urn:other'>", 5000));
        Refused(Document(Base + open)).Fault.ShouldBe(KeyManagementFormatFault.TooLarge);
        open = string.Concat(Enumerable.Repeat("<x:a>", 5000));
        byte[] document = Encoding.UTF8.GetBytes($"<KmsRequest {Namespace} xmlns:x='urn:other'>{Base}{open}");
        Refused(document).Fault.ShouldBe(KeyManagementFormatFault.TooDeep);
        KmsRequest.Parse(Nested(15)).UserUri.ShouldBe("sip:user@example.org");
        Refused(Nested(16)).Fault.ShouldBe(KeyManagementFormatFault.TooDeep);
    }

    [Fact]
    public void Many_elements_or_attributes_are_refused_at_the_limit()
    {
        string many = string.Concat(Enumerable.Repeat("<x:a/>", 251));
        KmsRequest.Parse(Document(Base + $"<x:l xmlns:x='urn:o'>{many[6..]}</x:l>")).ShouldNotBeNull();
        Refused(Document(Base + $"<x:l xmlns:x='urn:o'>{many}</x:l>")).Fault.ShouldBe(KeyManagementFormatFault.TooManyElements);
        string attributes = string.Concat(Enumerable.Range(0, 4096).Select(i => $" a{i}=''"));
        Refused(Document(Base + $"<l xmlns='urn:o'{attributes}/>")).Fault.ShouldBe(KeyManagementFormatFault.TooManyElements);
    }

    [Fact]
    public void A_mebibyte_of_blanks_costs_no_more_than_the_limit()
    {
        byte[] blanks = Encoding.UTF8.GetBytes($"<KmsRequest {Namespace}>{new string(' ', 1 << 20)}{Base}</KmsRequest>");
        Allocated(() => Refused(blanks).Fault.ShouldBe(KeyManagementFormatFault.TooLarge)).ShouldBeLessThan(64 * 1024);

        // Where the limit allows them, blanks are passed over without being kept.
        AnnexDReadOptions wide = AnnexDReadOptions.Request with { MaxOctets = 4 << 20 };
        Allocated(() => KmsRequest.Parse(blanks, wide).UserUri.ShouldBe("sip:user@example.org")).ShouldBeLessThan(256 * 1024);
    }

    [Fact]
    public void A_long_value_is_refused_without_being_kept()
    {
        byte[] document = Document($"<UserUri>{new string('a', 1 << 20)}</UserUri>");
        Allocated(() =>
            Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(document, AnnexDReadOptions.Request with { MaxOctets = 4 << 20 }))
                .Fault.ShouldBe(KeyManagementFormatFault.InvalidValue)).ShouldBeLessThan(256 * 1024);
    }

    /// <summary>The least of several runs: what the runtime and the tests make for themselves comes now and then.</summary>
    private static long Allocated(Action action)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    [Fact]
    public async Task A_stream_is_read_no_further_than_the_limit()
    {
        using EndlessStream endless = new();
        KeyManagementFormatException refused = await Should.ThrowAsync<KeyManagementFormatException>(
            async () => await KmsRequest.ParseAsync(endless, null, TestContext.Current.CancellationToken));
        refused.Fault.ShouldBe(KeyManagementFormatFault.TooLarge);
        endless.Given.ShouldBeLessThan(256 * 1024);

        using MemoryStream stream = new(Document(Base));
        (await KmsRequest.ParseAsync(stream, null, TestContext.Current.CancellationToken)).KmsUri.ShouldBe("kms.example.org");
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("iso-8859-1")]
    public void Encodings_that_xml_knows_are_read(string name)
    {
        string document = $"<?xml version='1.0' encoding='{name.Replace("BE", "", StringComparison.Ordinal)}'?><KmsRequest {Namespace}>{Base}</KmsRequest>";
        Encoding encoding = Encoding.GetEncoding(name);
        KmsRequest.Parse(encoding.GetPreamble().Concat(encoding.GetBytes(document)).ToArray()).KmsUri.ShouldBe("kms.example.org");
    }

    [Fact]
    public void Lenient_reading_goes_by_local_names()
    {
        AnnexDReadOptions lenient = AnnexDReadOptions.Request with { Lenient = true };
        foreach (string start in new[]
        {
            "<KmsRequest>", "<KmsRequest xmlns='http://org.csc.kms' Version='TOBEDEFINED'>",
            "<KmsRequest xmlns='urn:3gpp:ns:mcsecKMSInterface:1.0' Version='1.1.0'><Unknown/>",
        })
        {
            byte[] document = Encoding.UTF8.GetBytes(start + Base + "</KmsRequest>");
            KmsRequest.Parse(document, lenient).UserUri.ShouldBe("sip:user@example.org");
            KmsRequest.TryParse(document, AnnexDReadOptions.Request, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void Lenient_reading_takes_no_second_identity_from_another_namespace()
    {
        byte[] document = Document(Base + "<x:UserUri xmlns:x='urn:other'>sip:other@example.org</x:UserUri>");
        KmsRequest.Parse(document).UserUri.ShouldBe("sip:user@example.org");
        Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(document, AnnexDReadOptions.Request with { Lenient = true }))
            .Fault.ShouldBe(KeyManagementFormatFault.DuplicateElement);
    }

    [Fact]
    public void Lenient_reading_refuses_a_signed_request_too() =>
        Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(
            Encoding.UTF8.GetBytes($"<SignedKmsRequest><KmsRequest>{Base}</KmsRequest></SignedKmsRequest>"),
            AnnexDReadOptions.Request with { Lenient = true })).Fault.ShouldBe(KeyManagementFormatFault.UnsupportedMessage);

    private static byte[] Document(string children) => Encoding.UTF8.GetBytes($"<KmsRequest {Namespace}>{children}</KmsRequest>");

    private static byte[] Nested(int levels) => Document(
        Base + "<x:a xmlns:x='urn:other'>" + string.Concat(Enumerable.Repeat("<x:a>", levels - 1))
        + string.Concat(Enumerable.Repeat("</x:a>", levels)));

    private static KeyManagementFormatException Refused(byte[] document) =>
        Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(document));

    private static bool IsXmlText(string text)
    {
        try
        {
            System.Xml.XmlConvert.VerifyXmlChars(text);
            return !string.IsNullOrWhiteSpace(text);
        }
        catch (System.Xml.XmlException)
        {
            return false;
        }
    }

    private sealed class EndlessStream : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
