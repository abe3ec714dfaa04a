using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Watchword.McServices.Tests;

public sealed partial class BodySignatureTests
{
    private const string Inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    private const string Exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

    private static readonly Dictionary<string, ReadOnlyMemory<byte>> _bodies = new(StringComparer.Ordinal)
    {
        [Samples.InfoId] = Samples.InfoBody,
        [Samples.ResourcesId] = Samples.ResourcesBody,
    };

    [Fact]
    public void Signed_bodies_are_verified_and_given_back_as_they_are()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        BodySignatures signatures = BodySignatures.Parse(BodySignatures.Sign(_bodies, key));
        signatures.XpkId.ShouldBe(Samples.CskId);
        signatures.ContentIds.ShouldBe([Samples.InfoId, Samples.ResourcesId]);
        signatures.TryVerify(_bodies, key, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified,
            out BodySignatureFault fault).ShouldBeTrue();
        fault.ShouldBe(BodySignatureFault.None);
        verified[Samples.InfoId].ToArray().ShouldBe(Samples.InfoBody);
        verified[Samples.ResourcesId].ToArray().ShouldBe(Samples.ResourcesBody);
    }

    [Fact]
    public void The_document_is_what_annex_F_6_says()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        string text = Samples.Text(BodySignatures.Sign(_bodies, key));
        text.ShouldStartWith(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><signatures xmlns=\"urn:3gpp:ns:mcpttSignedDoc:1.0\"><Signature ");
        text.ShouldContain("Id=\"signature1\"");
        text.ShouldContain("Id=\"signature2\"");
        text.ShouldContain("URI=\"cid:info.1@mc.example.org\"");
        text.ShouldContain("URI=\"cid:lists%2B1@mc.example.org\"");
        text.ShouldContain($"<KeyName>{Samples.CskIdText}</KeyName>");
        text.ShouldContain(Convert.ToBase64String(SHA256.HashData(Samples.InfoBody)));
    }

    [Fact]
    public void Confidential_and_signed_bodies_open_in_the_order_of_the_clause()
    {
        using SignallingConfidentialityKey cipherKey = Samples.CipherKey();
        using SignallingIntegrityKey macKey = Samples.MacKey();
        byte[] body = ConfidentialXml.Encrypt(Samples.InfoBody, Samples.Confidential, cipherKey);
        Dictionary<string, ReadOnlyMemory<byte>> bodies = new() { [Samples.InfoId] = body };
        byte[] document = BodySignatures.Sign(bodies, macKey);

        BodySignatures.Parse(document)
            .TryVerify(bodies, macKey, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out _).ShouldBeTrue();
        ConfidentialXml.Parse(verified[Samples.InfoId]).TryDecrypt(cipherKey, out byte[]? clear).ShouldBeTrue();
        Samples.Canonical(clear).ShouldBe(Samples.Canonical(Samples.InfoBody));
    }

    [Fact]
    public void A_body_with_any_bit_changed_is_refused()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        BodySignatures signatures = BodySignatures.Parse(BodySignatures.Sign(_bodies, key));
        for (int bit = 0; bit < Samples.InfoBody.Length * 8; bit++)
        {
            byte[] changed = (byte[])Samples.InfoBody.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            FaultOf(signatures, With(Samples.InfoId, changed), key).ShouldBe(BodySignatureFault.Invalid);
        }

        FaultOf(signatures, With(Samples.InfoId, Samples.InfoBody.Append((byte)' ').ToArray()), key)
            .ShouldBe(BodySignatureFault.Invalid);
        FaultOf(signatures, With(Samples.InfoId, []), key).ShouldBe(BodySignatureFault.Invalid);
    }

    [Fact]
    public void A_signature_document_with_any_bit_changed_never_verifies_other_bodies()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        byte[] document = BodySignatures.Sign(_bodies, key);
        Dictionary<string, ReadOnlyMemory<byte>> other = With(Samples.InfoId, Samples.Octets("<mcpttinfo/>"));
        for (int bit = 0; bit < document.Length * 8; bit++)
        {
            byte[] changed = (byte[])document.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                BodySignatures.Parse(changed).TryVerify(other, key, out _, out _).ShouldBeFalse();
            }
            catch (McServicesFormatException)
            {
                // The one exception of the format.
            }
        }
    }

    [Fact]
    public void Signatures_are_of_exactly_the_bodies_that_are_there()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        BodySignatures signatures = BodySignatures.Parse(BodySignatures.Sign(_bodies, key));
        FaultOf(signatures, new() { [Samples.InfoId] = Samples.InfoBody }, key).ShouldBe(BodySignatureFault.MissingBody);
        FaultOf(signatures, With("more@mc.example.org", Samples.ResourcesBody), key).ShouldBe(BodySignatureFault.NotSigned);
        FaultOf(signatures, [], key).ShouldBe(BodySignatureFault.MissingBody);
        // A signature that was moved: each body under the other's Content-ID.
        Dictionary<string, ReadOnlyMemory<byte>> exchanged = new()
        {
            [Samples.InfoId] = Samples.ResourcesBody,
            [Samples.ResourcesId] = Samples.InfoBody,
        };
        FaultOf(signatures, exchanged, key).ShouldBe(BodySignatureFault.Invalid);
        Dictionary<string, ReadOnlyMemory<byte>> renamed = new()
        {
            ["other@mc.example.org"] = Samples.InfoBody,
            [Samples.ResourcesId] = Samples.ResourcesBody,
        };
        FaultOf(signatures, renamed, key).ShouldBe(BodySignatureFault.MissingBody);
    }

    [Fact]
    public void A_moved_reference_breaks_the_signature()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        string text = Samples.Text(BodySignatures.Sign(Samples.OneBody, key));
        string moved = Samples.Replaced(text, "cid:info.1@mc.example.org", "cid:lists%2B1@mc.example.org");
        FaultOf(BodySignatures.Parse(Samples.Octets(moved)), new() { [Samples.ResourcesId] = Samples.InfoBody }, key)
            .ShouldBe(BodySignatureFault.Invalid);
        // Another spelling of the same reference is another SignedInfo.
        string respelled = Samples.Replaced(text, "cid:info.1@mc.example.org", "cid:info%2E1@mc.example.org");
        FaultOf(BodySignatures.Parse(Samples.Octets(respelled)), new() { [Samples.InfoId] = Samples.InfoBody }, key)
            .ShouldBe(BodySignatureFault.Invalid);
    }

    [Fact]
    public void Another_key_or_another_identifier_verifies_nothing()
    {
        using SignallingIntegrityKey key = Samples.MacKey(), other = Samples.MacKey(other: true),
            otherId = Samples.MacKey(0x2A0B0C0E);
        BodySignatures signatures = BodySignatures.Parse(BodySignatures.Sign(_bodies, key));
        FaultOf(signatures, _bodies, other).ShouldBe(BodySignatureFault.Invalid);
        FaultOf(signatures, _bodies, otherId).ShouldBe(BodySignatureFault.OtherKey);
    }

    [Fact]
    public void Two_signatures_of_one_body_or_under_two_keys_are_refused()
    {
        using SignallingIntegrityKey key = Samples.MacKey(), second = Samples.MacKey(0x2A0B0C0E);
        string text = Samples.Text(BodySignatures.Sign(_bodies, key));
        string signature = Signature().Match(text).Value;
        string twice = text.Replace(signature, signature + signature, StringComparison.Ordinal);
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(twice)))
            .ShouldBe(McServicesFormatFault.DuplicateSignature);
        string respelled = signature.Replace("cid:info.1@mc.example.org", "CID:%69nfo.1@mc.example.org",
            StringComparison.Ordinal);
        string twiceOtherwise = text.Replace(signature, signature + respelled, StringComparison.Ordinal);
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(twiceOtherwise)))
            .ShouldBe(McServicesFormatFault.DuplicateSignature);
        string ofSecond = Signature().Match(Samples.Text(BodySignatures.Sign(_bodies, second))).Value;
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(text.Replace(signature, ofSecond, StringComparison.Ordinal))))
            .ShouldBe(McServicesFormatFault.SeveralKeys);
    }

    [Theory]
    [InlineData("xmldsig-more#hmac-sha256", "xmldsig-more#hmac-sha512")]
    [InlineData("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1")]
    [InlineData("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")]
    [InlineData(Inclusive, Inclusive + "#WithComments")]
    [InlineData(Inclusive, "http://www.w3.org/2006/12/xml-c14n11")]
    [InlineData("hmac-sha256\"></SignatureMethod>", "hmac-sha256\"><HMACOutputLength>8</HMACOutputLength></SignatureMethod>")]
    [InlineData("<DigestMethod", "<Transforms></Transforms><DigestMethod")]
    [InlineData("<DigestMethod",
        "<Transforms><Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/></Transforms><DigestMethod")]
    [InlineData("<DigestMethod",
        "<Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/></Transforms><DigestMethod")]
    [InlineData("<DigestMethod", "<Transforms><Transform Algorithm=\"" + Exclusive + "\"/><Transform Algorithm=\"" + Exclusive
        + "\"/></Transforms><DigestMethod")]
    [InlineData("</Reference>", "</Reference><Reference URI=\"cid:x\"/>")]
    [InlineData("</KeyInfo>", "</KeyInfo><Object>x</Object>")]
    [InlineData("<KeyName>KgsMDQ==</KeyName>", "<KeyName>KgsMDQ==</KeyName><KeyName>KgsMDQ==</KeyName>")]
    [InlineData("<KeyName>KgsMDQ==</KeyName>", "<KeyValue/>")]
    [InlineData("<KeyName>KgsMDQ==</KeyName>", "<KeyName>2A0B0C0D</KeyName>")]
    [InlineData("<KeyInfo><KeyName>KgsMDQ==</KeyName></KeyInfo>", "")]
    [InlineData("</signatures>", "text</signatures>")]
    [InlineData("</signatures>", "<mcpttinfo/></signatures>")]
    [InlineData("<SignatureValue>", "<SignatureValue>AAAA")]
    [InlineData(" URI=\"cid:info.1@mc.example.org\"", "")]
    [InlineData(" URI=\"cid:info.1@mc.example.org\"", " URI=\"cid:info.1@mc.example.org\" Type=\"x\"")]
    public void Signatures_of_another_form_are_refused(string old, string replacement)
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        string text = Samples.Text(BodySignatures.Sign(Samples.OneBody, key));
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(Samples.Replaced(text, old, replacement))))
            .ShouldBe(McServicesFormatFault.UnsupportedSignature);
    }

    [Theory]
    [InlineData("")]
    [InlineData("#info")]
    [InlineData("cid:")]
    [InlineData("cid:a b")]
    [InlineData("cid:%00")]
    [InlineData("&lt;&gt;")]
    public void A_reference_that_is_no_Content_ID_is_refused(string reference)
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        string text = Samples.Text(BodySignatures.Sign(Samples.OneBody, key));
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(Samples.Replaced(text, "cid:info.1@mc.example.org",
            reference))))
            .ShouldBe(McServicesFormatFault.WrongSignatureCoverage);
    }

    [Theory]
    [InlineData("info.1@mc.example.org")]
    [InlineData("&lt;info.1@mc.example.org&gt;")]
    [InlineData("CID:info%2e1%40mc.example.org")]
    public void A_reference_may_be_spelled_as_peers_do(string reference)
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        Verified(SignedByHand(reference, Inclusive, null, SHA256.HashData(Samples.InfoBody)), key).ShouldBe(Samples.InfoBody);
    }

    [Theory]
    [InlineData(Inclusive, Inclusive)]
    [InlineData(Inclusive, Exclusive)]
    [InlineData(Exclusive, Inclusive)]
    [InlineData(Exclusive, Exclusive)]
    public void A_digest_of_the_canonical_form_gives_the_canonical_form_to_use(string canonical, string transform)
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        byte[] body = Samples.Octets("<?xml version=\"1.0\"?><i xmlns='urn:i'><u >sip:alice<!-- -->@evil.example</u ></i>");
        byte[] form = Samples.Octets("<i xmlns=\"urn:i\"><u>sip:alice@evil.example</u></i>");
        string document = SignedByHand("cid:" + Samples.InfoId, canonical, transform, SHA256.HashData(form));
        Dictionary<string, ReadOnlyMemory<byte>> bodies = new() { [Samples.InfoId] = body };
        BodySignatures.Parse(Samples.Octets(document))
            .TryVerify(bodies, key, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out _).ShouldBeTrue();
        verified[Samples.InfoId].ToArray().ShouldBe(form);
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(document)).TryVerify(
            new Dictionary<string, ReadOnlyMemory<byte>> { [Samples.InfoId] = Samples.Octets("<open>") }, key, out _, out _))
            .ShouldBe(McServicesFormatFault.NotXml);
    }

    /// <summary>
    /// An attribute of the xml namespace that is called like a prefix: the inclusive form of the platform fails on both in one
    /// element, and leaves the attribute out, unsigned, where it repeats the declaration. The exclusive form is right.
    /// </summary>
    [Theory]
    [InlineData("<i xmlns:lang='urn:l' xml:lang='en'/>")]
    [InlineData("<i xmlns:lang='en'><lang:u xml:lang='en'/></i>")]
    public void An_attribute_that_the_inclusive_form_could_lose_is_refused(string text)
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        byte[] body = Samples.Octets(text);
        Dictionary<string, ReadOnlyMemory<byte>> bodies = new() { [Samples.InfoId] = body };
        BodySignatures Signed(string transform, byte[] content) => BodySignatures.Parse(
            Samples.Octets(SignedByHand("cid:" + Samples.InfoId, Inclusive, transform, SHA256.HashData(content))));

        Samples.FaultOf(() => Signed(Inclusive, body).TryVerify(bodies, key, out _, out _))
            .ShouldBe(McServicesFormatFault.UnsupportedSignature);
        Signed(Exclusive, Samples.Octets(Samples.Canonical(body))).TryVerify(bodies, key, out _, out BodySignatureFault fault)
            .ShouldBeTrue(fault.ToString());
        fault.ShouldBe(BodySignatureFault.None);
    }

    [Fact]
    public void Other_documents_and_other_arguments_are_refused()
    {
        using SignallingIntegrityKey key = Samples.MacKey();
        Samples.FaultOf(() => BodySignatures.Parse(Samples.InfoBody)).ShouldBe(McServicesFormatFault.UnexpectedRoot);
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets("<signatures/>")))
            .ShouldBe(McServicesFormatFault.UnexpectedRoot);
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets("<signatures xmlns='urn:3gpp:ns:mcpttSignedDoc:1.0'/>")))
            .ShouldBe(McServicesFormatFault.UnsupportedSignature);
        Samples.FaultOf(() => BodySignatures.Parse(Samples.Octets(
            "<!DOCTYPE signatures><signatures xmlns='urn:3gpp:ns:mcpttSignedDoc:1.0'/>")))
            .ShouldBe(McServicesFormatFault.NotXml);
        Should.Throw<ArgumentException>(() => BodySignatures.Sign(new Dictionary<string, ReadOnlyMemory<byte>>(), key));
        foreach (string id in new[] { "", "a b", "<a>", new string('a', 257), "ä" })
        {
            Dictionary<string, ReadOnlyMemory<byte>> bodies = new() { [id] = default };
            Should.Throw<ArgumentException>(() => BodySignatures.Sign(bodies, key), id);
        }

        Dictionary<string, ReadOnlyMemory<byte>> many = Enumerable.Range(0, 33)
            .ToDictionary(i => $"{i}@x", _ => (ReadOnlyMemory<byte>)Samples.InfoBody);
        Should.Throw<ArgumentException>(() => BodySignatures.Sign(many, key));
        Should.Throw<ArgumentException>(() => new SignallingIntegrityKey(new byte[17], 0));
        key.ToString().ShouldBe(typeof(SignallingIntegrityKey).FullName);
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => BodySignatures.Sign(_bodies, key));
    }

    /// <summary>A signature made here, of canonical octets, for what the library writes in one spelling only.</summary>
    private static string SignedByHand(string reference, string canonical, string? transform, byte[] digest)
    {
        string transforms = transform is null
            ? "" : $"<Transforms><Transform Algorithm=\"{transform}\"></Transform></Transforms>";
        string info = "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"
            + $"<CanonicalizationMethod Algorithm=\"{canonical}\"></CanonicalizationMethod>"
            + "<SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"></SignatureMethod>"
            + $"<Reference URI=\"{reference.Replace("&gt;", ">", StringComparison.Ordinal)}\">{transforms}"
            + "<DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod>"
            + $"<DigestValue>{Convert.ToBase64String(digest)}</DigestValue></Reference></SignedInfo>";
        string mac = Convert.ToBase64String(HMACSHA256.HashData(Samples.KeyOctets, Samples.Octets(info)));
        return "<signatures xmlns=\"urn:3gpp:ns:mcpttSignedDoc:1.0\"><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"
            + info
            + $"<SignatureValue>{mac}</SignatureValue>"
            + $"<KeyInfo><KeyName>{Samples.CskIdText}</KeyName></KeyInfo></Signature></signatures>";
    }

    private static byte[] Verified(string document, SignallingIntegrityKey key)
    {
        BodySignatures.Parse(Samples.Octets(document)).TryVerify(
            Samples.OneBody, key,
            out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out BodySignatureFault fault)
                .ShouldBeTrue(fault.ToString());
        return verified[Samples.InfoId].ToArray();
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> With(string contentId, byte[] body) =>
        new(_bodies, StringComparer.Ordinal) { [contentId] = body };

    private static BodySignatureFault FaultOf(
        BodySignatures signatures, Dictionary<string, ReadOnlyMemory<byte>> bodies, SignallingIntegrityKey key)
    {
        signatures.TryVerify(bodies, key, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified,
            out BodySignatureFault fault)
            .ShouldBe(fault == BodySignatureFault.None);
        (verified is null).ShouldBe(fault != BodySignatureFault.None);
        return fault;
    }

    [GeneratedRegex("<Signature .*?</Signature>", RegexOptions.Singleline)]
    private static partial Regex Signature();
}
