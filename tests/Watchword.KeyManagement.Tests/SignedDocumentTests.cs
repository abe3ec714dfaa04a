using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace Watchword.KeyManagement.Tests;

/// <summary>Signatures of the security extension, and everything that a forger may try with them.</summary>
public sealed class SignedDocumentTests
{
    private const string Name = "ink.12.user@example.org";
    private const string C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    private const string Dsig = "http://www.w3.org/2000/09/xmldsig#";

    private static readonly TestDomain Domain = TestDomain.Shared;
    private static readonly byte[] KeyOctets = SHA256.HashData("signing"u8);

    [Fact]
    public void A_signed_request_comes_back_once_its_signature_holds()
    {
        using IntegrityKey key = Key();
        byte[] document = Signed(Request(), key);
        SignedKmsRequest.IsSigned(document).ShouldBeTrue();
        SignedKmsResponse.IsSigned(document).ShouldBeFalse();
        SignedKmsRequest signed = SignedKmsRequest.Parse(document);
        (signed.SignatureKeyName, signed.ClaimedUserUri, signed.ClaimedClientId).ShouldBe((Name, TestDomain.User, "a<b>&\"'\r\n\t\u00e9\u0085 c"));
        signed.TryVerify(key, out KmsRequest? request, out SignatureFault fault).ShouldBeTrue();
        fault.ShouldBe(SignatureFault.None);
        (request!.UserUri, request.ClientId, request.SignatureId, request.TransportKeyId, request.Time)
            .ShouldBe((TestDomain.User, "a<b>&\"'\r\n\t\u00e9\u0085 c", Name, "tk.1", TestDomain.Now));
    }

    [Fact]
    public void A_signed_response_comes_back_once_its_signature_holds()
    {
        using TransportKey transport = TransportKey.Generate("tk.12.user@example.org");
        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(transport);
        using KmsResponse answer = TestDomain.Answer(new KmsKeyProv([wrapped]));
        byte[] document = Signed(answer, transport);
        SignedKmsResponse.IsSigned(document).ShouldBeTrue();
        SignedKmsResponse.Parse(document).TryVerify(transport, out KmsResponse? response, out _).ShouldBeTrue();
        using (response)
        {
            ((KmsKeyProv)response!.Message!).KeySets[0].TryUnwrap(transport, out KmsKeySet? plain, out _).ShouldBeTrue();
            plain!.Dispose();
        }
    }

    [Fact]
    public void A_signed_document_is_refused_where_a_plain_one_is_read_and_the_other_way_round()
    {
        using IntegrityKey key = Key();
        byte[] document = Signed(Request(), key);
        Fault(() => KmsRequest.Parse(document)).ShouldBe(KeyManagementFormatFault.UnsupportedMessage);
        using MemoryStream plain = new();
        Request().WriteTo(plain);
        Fault(() => SignedKmsRequest.Parse(plain.ToArray())).ShouldBe(KeyManagementFormatFault.UnexpectedRoot);
        SignedKmsRequest.IsSigned(plain.ToArray()).ShouldBeFalse();
        SignedKmsRequest.IsSigned("<"u8.ToArray()).ShouldBeFalse();
    }

    [Fact]
    public void Another_key_does_not_verify()
    {
        using IntegrityKey key = Key();
        using IntegrityKey sameName = IntegrityKey.Generate(Name);
        using IntegrityKey otherName = IntegrityKey.Import("ink.13.user@example.org", KeyOctets);
        SignedKmsRequest signed = SignedKmsRequest.Parse(Signed(Request(), key));
        signed.TryVerify(sameName, out KmsRequest? request, out SignatureFault fault).ShouldBeFalse();
        (request, fault).ShouldBe((null, SignatureFault.Invalid));
        signed.TryVerify(otherName, out request, out fault).ShouldBeFalse();
        (request, fault).ShouldBe((null, SignatureFault.OtherKey));
    }

    [Fact]
    public void The_message_may_not_name_another_key_than_the_signature()
    {
        using IntegrityKey key = Key();
        KmsRequest request = Request(signatureId: "ink.99");
        Should.Throw<InvalidOperationException>(() => Signed(request, key));
        string message = Text(Request()).Replace("</ClientReqUrl>", "</ClientReqUrl><Signature-ID>ink.99</Signature-ID>", StringComparison.Ordinal);
        Verify(Compose(message)).ShouldBe("SignatureIdMismatch");
    }

    [Fact]
    public void No_octet_of_a_signed_document_can_change_unnoticed()
    {
        using IntegrityKey key = Key();
        byte[] document = Signed(Request(clientId: "client <1>"), key);
        KmsRequest original = VerifiedRequest(document, key)!;
        for (int i = 0; i < document.Length; i++)
        {
            foreach (int change in new[] { 0x01, 0x20 })
            {
                byte[] changed = [.. document];
                changed[i] ^= (byte)change;
                KmsRequest? read = SignedKmsRequest.TryParse(changed, null, out _) ? VerifiedRequest(changed, key) : null;
                if (read is not null)
                {
                    // Only what is no part of the message may differ: the encoding's name in capitals, a blank for a line feed.
                    Content(read).ShouldBe(Content(original), $"octet {i}");
                    i.ShouldBeLessThan("<?xml version=\"1.0\" encoding=\"utf-8\"?>".Length);
                }
            }
        }
    }

    [Fact]
    public void A_document_that_others_composed_is_verified()
    {
        string message = Text(Request());
        Verify(Compose(message)).ShouldBe("None");
        Verify(Compose(message, transforms: $"<Transforms><Transform Algorithm=\"{C14N}\"/></Transforms>")).ShouldBe("None");
        Verify(Compose(message, prefix: "k")).ShouldBe("None");
        Verify(Compose(message, between: "\n  <!-- between --> \n")).ShouldBe("None");
        Verify(Compose(message.Replace("<KmsUri>", "\n\t<!-- a --><KmsUri >", StringComparison.Ordinal))).ShouldBe("None");
        Verify(Compose(message).Replace("<KeyName>", "<KeyName>\n  ", StringComparison.Ordinal)).ShouldBe("None");
    }

    [Fact]
    public void Changes_of_the_context_are_noticed()
    {
        string document = Compose(Text(Request()));
        Verify(document.Replace("<SignedKmsRequest ", "<SignedKmsRequest xmlns:a=\"urn:a\" ", StringComparison.Ordinal)).ShouldBe("Invalid");
        Verify(document.Replace("<SignedKmsRequest ", "<SignedKmsRequest xml:lang=\"de\" ", StringComparison.Ordinal)).ShouldBe("Invalid");
        Verify(document.Replace("<KmsUri>", " <KmsUri>", StringComparison.Ordinal)).ShouldBe("Invalid");
        Verify(document.Replace("<SignedInfo>", "<SignedInfo> ", StringComparison.Ordinal)).ShouldBe("Invalid");
        // A comment is no part of canonical form, and cannot cut a value short either.
        string split = document.Replace($">{TestDomain.User}<", $">{TestDomain.User[..5]}<!-- -->{TestDomain.User[5..]}<", StringComparison.Ordinal);
        split.ShouldNotBe(document);
        Verify(split).ShouldBe("None");
        using IntegrityKey key = Key();
        VerifiedRequest(Octets(split), key)!.UserUri.ShouldBe(TestDomain.User);
    }

    [Fact]
    public void Signature_wrapping_is_refused()
    {
        string document = Compose(Text(Request()));
        string message = document[document.IndexOf("<KmsRequest", StringComparison.Ordinal)..(document.IndexOf("</KmsRequest>", StringComparison.Ordinal) + 13)];
        string signature = document[document.IndexOf("<Signature ", StringComparison.Ordinal)..document.IndexOf("</SignedKmsRequest>", StringComparison.Ordinal)];
        string forged = message.Replace(TestDomain.User, "sip:mallory@example.org", StringComparison.Ordinal);
        string forgedOtherId = forged.Replace("\"xmldoc\"", "\"other\"", StringComparison.Ordinal);
        string Root(string content) => $"<SignedKmsRequest xmlns=\"{TestDomain.Namespace}\">{content}</SignedKmsRequest>";
        string Wrapper(string content) => $"<v:Any xmlns:v=\"urn:v\">{content}</v:Any>";

        Verify(Root(message + signature)).ShouldBe("None");
        foreach (string wrapped in new[]
        {
            Root(forged + signature + message), Root(forgedOtherId + signature + message), Root(message + forged + signature),
            Root(forgedOtherId + message + signature), Root(message + signature + signature), Root(signature + message), Root(message),
            Root(signature), Root(""), Root(forgedOtherId + signature), Root(forgedOtherId + signature + Wrapper(message)),
            Root(Wrapper(message) + signature), Root(forgedOtherId + Wrapper(message) + signature),
            Root(forgedOtherId.Replace("</KmsRequest>", Wrapper(message) + "</KmsRequest>", StringComparison.Ordinal) + signature),
            Root(forged.Replace("</KmsRequest>", Wrapper(message) + "</KmsRequest>", StringComparison.Ordinal) + signature),
            Root(forgedOtherId + signature.Replace("</Signature>", $"<Object>{message}</Object></Signature>", StringComparison.Ordinal)),
            Root(forged + signature.Replace("</KeyName>", $"</KeyName>{message}", StringComparison.Ordinal)),
            Root(message + signature) .Replace("<SignedKmsRequest ", "<SignedKmsRequest Id=\"xmldoc\" ", StringComparison.Ordinal),
            Root(message + signature).Replace("<SignedInfo>", "<SignedInfo Id=\"xmldoc\">", StringComparison.Ordinal),
            Root(message + signature).Replace("<SignedKmsRequest ", "<SignedKmsRequest xml:id=\"xmldoc\" ", StringComparison.Ordinal),
            Root(message + "text" + signature),
        })
        {
            Fault(() => SignedKmsRequest.Parse(Octets(wrapped))).ShouldBeOneOf(
                KeyManagementFormatFault.WrongSignatureCoverage, KeyManagementFormatFault.MissingElement,
                KeyManagementFormatFault.UnsupportedSignature, KeyManagementFormatFault.UnexpectedContent);
        }

        // The forged element in the place of the signed one has the Id, and not the digest.
        Verify(Root(forged + signature)).ShouldBe("Invalid");
    }

    [Theory]
    [InlineData("#xmldoc", "")]
    [InlineData("#xmldoc", "#")]
    [InlineData("#xmldoc", "#other")]
    [InlineData("#xmldoc", "#xpointer(id('xmldoc'))")]
    [InlineData("#xmldoc", "http://example.org/#xmldoc")]
    [InlineData("URI=\"#xmldoc\"", "")]
    [InlineData("URI=\"#xmldoc\"", "URI=\"#xmldoc\" Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\"")]
    [InlineData("xml-c14n-20010315\"", "xml-c14n-20010315#WithComments\"")]
    [InlineData("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2001/10/xml-exc-c14n#")]
    [InlineData("xmldsig-more#hmac-sha256", "xmldsig-more#hmac-sha384")]
    [InlineData("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1")]
    [InlineData("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")]
    [InlineData("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")]
    [InlineData("hmac-sha256\"/>", "hmac-sha256\"><HMACOutputLength>0</HMACOutputLength></SignatureMethod>")]
    [InlineData("hmac-sha256\"/>", "hmac-sha256\"><HMACOutputLength>256</HMACOutputLength></SignatureMethod>")]
    [InlineData("<DigestMethod", "<Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/></Transforms><DigestMethod")]
    [InlineData("<DigestMethod", "<Transforms><Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/></Transforms><DigestMethod")]
    [InlineData("<DigestMethod", "<Transforms></Transforms><DigestMethod")]
    [InlineData("<KeyInfo>", "<KeyInfo><KeyValue/>")]
    [InlineData("</KeyName>", "</KeyName><KeyName>ink.13</KeyName>")]
    [InlineData("</KeyName>", "<x/></KeyName>")]
    [InlineData("</SignatureValue>", "AAAA</SignatureValue>")]
    [InlineData("</SignedInfo>", "<Reference URI=\"#xmldoc\"/></SignedInfo>")]
    [InlineData("<SignedInfo>", "text<SignedInfo>")]
    [InlineData("<SignatureValue>", "<SignatureValue>*")]
    public void A_signature_of_another_form_is_refused(string part, string other)
    {
        string document = Compose(Text(Request()));
        string changed = document.Replace(part, other, StringComparison.Ordinal);
        changed.ShouldNotBe(document);
        Fault(() => SignedKmsRequest.Parse(Octets(changed))).ShouldBeOneOf(
            KeyManagementFormatFault.UnsupportedSignature, KeyManagementFormatFault.WrongSignatureCoverage);
    }

    [Fact]
    public void A_truncated_MAC_is_refused()
    {
        string document = Compose(Text(Request()));
        int start = document.IndexOf("<SignatureValue>", StringComparison.Ordinal) + 16;
        int end = document.IndexOf("</SignatureValue>", StringComparison.Ordinal);
        byte[] mac = Convert.FromBase64String(document[start..end]);
        foreach (int length in new[] { 0, 1, 16, 31 })
        {
            string cut = document.Remove(start, end - start).Insert(start, Convert.ToBase64String(mac.AsSpan(0, length)));
            Fault(() => SignedKmsRequest.Parse(Octets(cut))).ShouldBe(KeyManagementFormatFault.UnsupportedSignature);
        }
    }

    [Fact]
    public void Limits_hold_before_anything_is_kept()
    {
        using IntegrityKey key = Key();
        byte[] document = Signed(Request(), key);
        Fault(() => SignedKmsRequest.Parse(document, new AnnexDReadOptions { MaxOctets = document.Length - 1 })).ShouldBe(KeyManagementFormatFault.TooLarge);
        Fault(() => SignedKmsRequest.Parse(document, new AnnexDReadOptions { MaxDepth = 3 })).ShouldBe(KeyManagementFormatFault.TooDeep);
        Fault(() => SignedKmsRequest.Parse(document, new AnnexDReadOptions { MaxElements = 8 })).ShouldBe(KeyManagementFormatFault.TooManyElements);
        Fault(() => SignedKmsRequest.Parse(Octets("<!DOCTYPE a [<!ENTITY x \"y\">]>" + Compose(Text(Request()))))).ShouldBe(KeyManagementFormatFault.NotXml);
        Fault(() => SignedKmsRequest.Parse(Octets(Compose(Text(Request())) + "<x/>"))).ShouldBe(KeyManagementFormatFault.NotXml);
    }

    public static TheoryData<string> CanonicalKinds =>
        [.. AnnexDSchemaTests.Kinds.Select(row => row.Data).Where(kind => kind is not ("request-redirect" or "signed-request" or "signed-response"))];

    [Theory]
    [MemberData(nameof(CanonicalKinds))]
    public void Everything_written_is_its_own_canonical_form(string kind)
    {
        byte[] document = AnnexDSchemaTests.Written(kind);
        XmlDocument loaded = new() { PreserveWhitespace = true, XmlResolver = null };
        using (XmlReader reader = XmlReader.Create(new MemoryStream(document)))
        {
            loaded.Load(reader);
        }

        string canonical = Encoding.UTF8.GetString(Canonical(loaded));
        string text = Encoding.UTF8.GetString(document);
        text = text[(text.IndexOf("?>", StringComparison.Ordinal) + 2)..];
        text.ShouldBe(canonical);
    }

    private static KmsRequest Request(string? signatureId = null, string clientId = "a<b>&\"'\r\n\t\u00e9\u0085 c") => new()
    {
        UserUri = TestDomain.User,
        KmsUri = TestDomain.Kms,
        Time = TestDomain.Now,
        ClientReqUrl = TestDomain.Url,
        ClientId = clientId,
        TransportKeyId = "tk.1",
        SignatureId = signatureId,
    };

    private static IntegrityKey Key() => IntegrityKey.Import(Name, KeyOctets);

    private static byte[] Signed(KmsRequest request, SecurityExtensionKey key)
    {
        using MemoryStream document = new();
        request.WriteSignedTo(document, key);
        return document.ToArray();
    }

    private static byte[] Signed(KmsResponse response, SecurityExtensionKey key)
    {
        using MemoryStream document = new();
        response.WriteSignedTo(document, key);
        return document.ToArray();
    }

    private static KmsRequest? VerifiedRequest(byte[] document, IntegrityKey key) =>
        SignedKmsRequest.Parse(document).TryVerify(key, out KmsRequest? request, out _) ? request : null;

    private static (string, string, DateTimeOffset, string?, string, string?, string?) Content(KmsRequest r) =>
        (r.UserUri, r.KmsUri, r.Time, r.ClientId, r.ClientReqUrl, r.TransportKeyId, r.SignatureId);

    private static string Text(KmsRequest request)
    {
        using MemoryStream document = new();
        request.WriteTo(document);
        string text = Encoding.UTF8.GetString(document.ToArray());
        return text[text.IndexOf("<KmsRequest", StringComparison.Ordinal)..];
    }

    private static string Verify(string document)
    {
        using IntegrityKey key = Key();
        SignedKmsRequest.Parse(Octets(document)).TryVerify(key, out KmsRequest? request, out SignatureFault fault).ShouldBe(request is not null);
        return fault.ToString();
    }

    /// <summary>A signed document made by other code than the one under test, in the style of another maker.</summary>
    private static string Compose(
        string message, string transforms = "", string between = "", string? prefix = null)
    {
        message = message.Replace(" Version=", " Id=\"xmldoc\" Version=", StringComparison.Ordinal);
        string root = "SignedKmsRequest";
        string declaration = $"xmlns=\"{TestDomain.Namespace}\"";
        if (prefix is not null)
        {
            root = $"{prefix}:{root}";
            declaration = $"xmlns:{prefix}=\"{TestDomain.Namespace}\"";
        }

        string Document(string digest, string mac) =>
            $"<{root} {declaration}>{between}{message}{between}<Signature xmlns=\"{Dsig}\"><SignedInfo>"
            + $"<CanonicalizationMethod Algorithm=\"{C14N}\"/><SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"/>"
            + $"<Reference URI=\"#xmldoc\">{transforms}<DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
            + $"<DigestValue>{digest}</DigestValue></Reference></SignedInfo><SignatureValue>{mac}</SignatureValue>"
            + $"<KeyInfo><KeyName>{Name}</KeyName></KeyInfo></Signature>{between}</{root}>";

        string digest = Convert.ToBase64String(SHA256.HashData(CanonicalSubtree(Document("", ""), "KmsRequest")));
        string mac = Convert.ToBase64String(HMACSHA256.HashData(KeyOctets, CanonicalSubtree(Document(digest, ""), "SignedInfo")));
        return Document(digest, mac);
    }

    /// <summary>Canonical form of a subtree by way of a node list: the other way into the library than the one under test takes.</summary>
    private static byte[] CanonicalSubtree(string document, string localName)
    {
        XmlDocument loaded = new() { PreserveWhitespace = true, XmlResolver = null };
        using XmlReader reader = XmlReader.Create(new StringReader(document));
        loaded.Load(reader);
        return Canonical(loaded.SelectNodes($"//*[local-name()='{localName}']/descendant-or-self::node() | //*[local-name()='{localName}']/descendant-or-self::*/@* | //*[local-name()='{localName}']/descendant-or-self::*/namespace::*")!);
    }

    private static byte[] Canonical(object input)
    {
        XmlDsigC14NTransform transform = new();
        transform.LoadInput(input);
        using MemoryStream octets = (MemoryStream)transform.GetOutput(typeof(Stream));
        return octets.ToArray();
    }

    private static KeyManagementFormatFault Fault(Action read) => Should.Throw<KeyManagementFormatException>(read).Fault;

    private static byte[] Octets(string document) => Encoding.UTF8.GetBytes(document);
}
