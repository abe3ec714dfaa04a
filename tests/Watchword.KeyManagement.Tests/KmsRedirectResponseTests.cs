using System.Text;

namespace Watchword.KeyManagement.Tests;

public sealed class KmsRedirectResponseTests
{
    private const string Krr = "urn:3gpp:ns:mcsecKMSKRR:1.0";

    [Fact]
    public void What_is_made_comes_back_with_what_is_embedded()
    {
        KmsRedirectResponse first = KmsRedirectResponse.Create("a", "b", ["c", "d"]);
        KmsRedirectResponse second = KmsRedirectResponse.Create("a", "b", ["d"], first);
        KmsRedirectResponse read = KmsRedirectResponse.Parse(second.Octets);
        (read.RejectedInitiatorKmsUri, read.RejectedReceiverKmsUri, read.HasUnverifiedSignature).ShouldBe(("a", "b", false));
        read.ProposedKmsUris.ShouldBe(["d"]);
        read.Embedded!.ProposedKmsUris.ShouldBe(["c", "d"]);
        read.Embedded.Octets.ToArray().ShouldBe(first.Octets.ToArray());
        read.Embedded.Embedded.ShouldBeNull();
    }

    /// <summary>A document that stood alone and was embedded where its prefixes were declared already has them declared outside;
    /// alone again, it is what it was.</summary>
    [Theory]
    [InlineData("", "k")]
    [InlineData(" xmlns:k=\"urn:3gpp:ns:mcsecKMSKRR:1.0\"", "k")]
    [InlineData(" xmlns:n=\"urn:3gpp:ns:mcsecKMSKRR:1.0\"", "n")]
    public void What_is_embedded_may_use_the_prefixes_that_stand_around_it(string declared, string prefix)
    {
        string Document(string declarations) =>
            $"<{prefix}:KmsRedirectResponse{declarations} v:of=\"x\"><{prefix}:ProposedKmsUri>c</{prefix}:ProposedKmsUri></{prefix}:KmsRedirectResponse>";

        KmsRedirectResponse alone = KmsRedirectResponse.Parse(
            Encoding.UTF8.GetBytes(Document($" xmlns:{prefix}=\"{Krr}\" xmlns:v=\"urn:v\"")));
        KmsRedirectResponse outer = KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(
            $"<k:KmsRedirectResponse xmlns:k=\"{Krr}\" xmlns:v=\"urn:v\"><k:ProposedKmsUri>d</k:ProposedKmsUri>{Document(declared)}</k:KmsRedirectResponse>"));
        outer.Embedded!.ProposedKmsUris.ShouldBe(["c"]);
        Encoding.UTF8.GetString(outer.Embedded.Octets.Span).ShouldBe(Encoding.UTF8.GetString(alone.Octets.Span));
        KmsRedirectResponse.Parse(outer.Octets).Embedded!.Octets.ToArray().ShouldBe(alone.Octets.ToArray());
    }

    /// <summary>
    /// An attribute of the xml namespace that is called like a prefix is refused, wherever the prefix is declared: the canonical
    /// form of the platform fails on both in one element, and leaves the attribute out where it repeats the declaration.
    /// </summary>
    [Theory]
    [InlineData("", " xmlns:k=\"urn:k\" xml:k=\"a\"")]
    [InlineData(" xmlns:lang=\"en\"", " xml:lang=\"en\"")]
    [InlineData(" xml:lang=\"en\"", " xmlns:lang=\"urn:k\"")]
    [InlineData("", " xmlns:xml=\"http://www.w3.org/XML/1998/namespace\" xml:xml=\"a\"")]
    public void An_attribute_that_canonical_form_could_lose_is_refused(string outer, string inner)
    {
        byte[] document = Encoding.UTF8.GetBytes(
            $"<KmsRedirectResponse{outer}><Anything{inner}/><ProposedKmsUri>c</ProposedKmsUri></KmsRedirectResponse>");
        Should.Throw<KeyManagementFormatException>(() => KmsRedirectResponse.Parse(document))
            .Fault.ShouldBe(KeyManagementFormatFault.UnexpectedContent);
    }

    /// <summary>However it is written, its canonical octets survive the way through a request: a signature over them still holds.</summary>
    [Theory]
    [InlineData($"<KmsRedirectResponse xmlns=\"{Krr}\" version=\"1.0\">\n <ProposedKmsUri>c</ProposedKmsUri>\n <!-- c --> <v:x xmlns:v=\"urn:v\"/>\n</KmsRedirectResponse>")]
    [InlineData($"<k:KmsRedirectResponse xmlns:k=\"{Krr}\" xmlns:unused=\"urn:u\"><ProposedKmsUri>c</ProposedKmsUri><k:RejectedReceiverKmsUri>b</k:RejectedReceiverKmsUri><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><a b='1'/></Signature></k:KmsRedirectResponse>")]
    [InlineData("<KmsRedirectResponse xml:lang=\"en\"><ProposedKmsUri>c</ProposedKmsUri><Anything at=\"all\"><![CDATA[<&>]]>&#13;</Anything></KmsRedirectResponse>")]
    public void Its_octets_survive_the_way_through_a_request(string document)
    {
        KmsRedirectResponse response = KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(document));
        response.ProposedKmsUris.ShouldBe(["c"]);
        KmsRequest request = Request([response, KmsRedirectResponse.Create("x", "y", [])]);
        using MemoryStream plain = new();
        request.WriteTo(plain);
        IReadOnlyList<KmsRedirectResponse> read = KmsRequest.Parse(plain.ToArray()).RedirectResponses;
        read.Count.ShouldBe(2);
        Encoding.UTF8.GetString(read[0].Octets.Span).ShouldBe(Encoding.UTF8.GetString(response.Octets.Span));
        read[0].HasUnverifiedSignature.ShouldBe(document.Contains("<Signature", StringComparison.Ordinal));
        read[1].RejectedReceiverKmsUri.ShouldBe("y");

        using IntegrityKey key = IntegrityKey.Generate("ink.1");
        using MemoryStream signed = new();
        request.WriteSignedTo(signed, key);
        SignedKmsRequest.Parse(signed.ToArray()).TryVerify(key, out KmsRequest? verified, out _).ShouldBeTrue();
        verified!.RedirectResponses[0].ProposedKmsUris.ShouldBe(["c"]);
        Encoding.UTF8.GetString(verified.RedirectResponses[0].Octets.Span).ShouldBe(Encoding.UTF8.GetString(response.Octets.Span));
    }

    [Fact]
    public async Task A_signed_request_with_redirects_is_verified_by_xmlsec1()
    {
        using XmlSec peer = new();
        using IntegrityKey key = IntegrityKey.Generate("ink.1");
        using MemoryStream signed = new();
        Request([KmsRedirectResponse.Create("x", "y", ["z"])]).WriteSignedTo(signed, key);
        (int exitCode, string output, _) = await peer.Run("--verify", Encoding.UTF8.GetString(signed.ToArray()), peer.KeyOption("hmackey", key));
        exitCode.ShouldBe(0, output);
    }

    /// <summary>The schema that is not known may make KrrList a KRR itself, or repeat it, and vendors put in what they like.</summary>
    [Theory]
    [InlineData("<KrrList><ReceiverKmsUri>b</ReceiverKmsUri></KrrList>", 1)]
    [InlineData("<KrrList><ReceiverKmsUri>b</ReceiverKmsUri></KrrList><KrrList><v:ReceiverKmsUri xmlns:v='urn:v'>b</v:ReceiverKmsUri></KrrList>", 2)]
    [InlineData("<KrrList><KmsRedirectResponse><ReceiverKmsUri>b</ReceiverKmsUri></KmsRedirectResponse></KrrList>", 1)]
    [InlineData("<KrrList><ReceiverKmsUri>b</ReceiverKmsUri><KmsRedirectResponse><ReceiverKmsUri>q</ReceiverKmsUri></KmsRedirectResponse></KrrList>", 1)]
    [InlineData("<KrrList><ReceiverKmsUri>b</ReceiverKmsUri><ReceiverKmsUri>twice</ReceiverKmsUri><InitiatorKmsUri><x/></InitiatorKmsUri>text<Z/></KrrList>", 1)]
    public void Lists_of_any_form_are_read(string list, int count)
    {
        IReadOnlyList<KmsRedirectResponse> read = KmsRequest.Parse(TestDomain.Octets(With(list))).RedirectResponses;
        read.Count.ShouldBe(count);
        read.ShouldAllBe(response => response.RejectedReceiverKmsUri == "b");
    }

    [Fact]
    public void A_list_of_another_namespace_is_read_leniently_and_survives_writing()
    {
        string document = With("<v:KrrList xmlns:v=\"urn:v\"><v:ReceiverKmsUri>b</v:ReceiverKmsUri></v:KrrList><KrrList/>");
        KmsRequest read = KmsRequest.Parse(TestDomain.Octets(document), AnnexDReadOptions.Request with { Lenient = true });
        using MemoryStream written = new();
        read.WriteTo(written);
        IReadOnlyList<KmsRedirectResponse> again = KmsRequest.Parse(written.ToArray()).RedirectResponses;
        again.Select(r => r.RejectedReceiverKmsUri).ShouldBe(["b", null]);
    }

    [Fact]
    public void An_empty_list_is_one_empty_response()
    {
        KmsRedirectResponse only = KmsRequest.Parse(TestDomain.Octets(With("<KrrList/>"))).RedirectResponses.ShouldHaveSingleItem();
        (only.RejectedReceiverKmsUri, only.RejectedInitiatorKmsUri, only.ProposedKmsUris.Count).ShouldBe((null, null, 0));
    }

    [Theory]
    [InlineData("<Other/>")]
    [InlineData("<KmsRedirectResponse/><x/>")]
    [InlineData("<!DOCTYPE a><KmsRedirectResponse/>")]
    [InlineData("")]
    public void What_is_none_is_refused(string document) =>
        Should.Throw<KeyManagementFormatException>(() => KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(document)));

    [Fact]
    public void Limits_hold()
    {
        string deep = string.Concat(Enumerable.Repeat("<KmsRedirectResponse>", 20)) + string.Concat(Enumerable.Repeat("</KmsRedirectResponse>", 20));
        Should.Throw<KeyManagementFormatException>(() => KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(deep))).Fault.ShouldBe(KeyManagementFormatFault.TooDeep);
        string many = $"<KmsRedirectResponse>{string.Concat(Enumerable.Repeat("<a/>", 300))}</KmsRedirectResponse>";
        Should.Throw<KeyManagementFormatException>(() => KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(many))).Fault.ShouldBe(KeyManagementFormatFault.TooManyElements);
        Should.Throw<KeyManagementFormatException>(() => KmsRequest.Parse(TestDomain.Octets(With($"<KrrList>{deep}</KrrList>")))).Fault.ShouldBe(KeyManagementFormatFault.TooDeep);
    }

    private static KmsRequest Request(IReadOnlyList<KmsRedirectResponse> responses) =>
        new() { UserUri = TestDomain.User, KmsUri = TestDomain.Kms, Time = TestDomain.Now, ClientReqUrl = TestDomain.Url, RedirectResponses = responses };

    private static string With(string list)
    {
        using MemoryStream document = new();
        Request([]).WriteTo(document);
        return Encoding.UTF8.GetString(document.ToArray()).Replace("</ClientReqUrl>", "</ClientReqUrl>" + list, StringComparison.Ordinal);
    }
}
