namespace Watchword.McServices.Tests;

/// <summary><c>xmlsec1</c> verifies and decrypts what we make, and we what it made.</summary>
public sealed class XmlSecInteropTests
{
    private const string Reference = "cid:" + Samples.InfoId;

    [Fact]
    public async Task It_verifies_our_signature_and_not_that_of_a_changed_body()
    {
        using XmlSec peer = new();
        using SignallingIntegrityKey key = Samples.MacKey();
        byte[] document = BodySignatures.Sign(Samples.OneBody, key);
        (int exitCode, string output, _) = await peer.Run("--verify", document, SignatureOptions(peer, Samples.InfoBody));
        exitCode.ShouldBe(0, output);
        (exitCode, _, _) = await peer.Run("--verify", document, SignatureOptions(peer, [.. Samples.InfoBody, (byte)' ']));
        exitCode.ShouldNotBe(0);
        (exitCode, _, _) = await peer.Run(
            "--verify",
            document,
            [$"--url-map:{Reference}", peer.FileOf("b", Samples.InfoBody), .. Key(peer, "hmackey", Samples.OtherKeyOctets)]);
        exitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "", "")]
    [InlineData("http://www.w3.org/2001/10/xml-exc-c14n#", "", "")]
    [InlineData("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        " xmlns:v=\"urn:v\"")]
    [InlineData("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2001/10/xml-exc-c14n#", " xml:lang=\"en\"")]
    [InlineData("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#",
        " xmlns:v=\"urn:v\" xml:space=\"preserve\"")]
    public async Task We_verify_what_it_signed(string canonical, string transform, string rootAttributes)
    {
        using XmlSec peer = new();
        using SignallingIntegrityKey key = Samples.MacKey();
        string transforms = transform.Length == 0 ? "" : $"<Transforms>\n<Transform Algorithm=\"{transform}\"/></Transforms>";
        string template = $"<signatures xmlns=\"urn:3gpp:ns:mcpttSignedDoc:1.0\"{rootAttributes}>\n"
            + "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n <SignedInfo>\n"
            + $"  <CanonicalizationMethod Algorithm=\"{canonical}\"/>\n"
            + "  <SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"/>\n"
            + $"  <Reference URI=\"{Reference}\">{transforms}"
            + "<DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/></Reference>\n"
            + " </SignedInfo>\n <SignatureValue/>"
            + $"<KeyInfo><KeyName>{Samples.CskIdText}</KeyName></KeyInfo></Signature></signatures>";
        byte[] body = Samples.Octets(
            "<m:i xmlns:m='urn:m' b='2' a=\"1 &gt; &#9;\"><!-- c --><?p i?><![CDATA[<&>]]> ü<m:e /></m:i>");
        (int exitCode, string output, byte[] signed) = await peer.Run("--sign", Samples.Octets(template),
            SignatureOptions(peer, body));
        exitCode.ShouldBe(0, output);

        Dictionary<string, ReadOnlyMemory<byte>> bodies = new() { [Samples.InfoId] = body };
        BodySignatures.Parse(signed)
            .TryVerify(bodies, key, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out BodySignatureFault fault)
            .ShouldBeTrue(fault.ToString());
        Samples.Canonical(verified[Samples.InfoId].ToArray()).ShouldBe(Samples.Canonical(body));
        bodies[Samples.InfoId] = Samples.Octets("<i/>");
        BodySignatures.Parse(signed).TryVerify(bodies, key, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task It_decrypts_what_we_encrypted_and_nothing_under_another_key()
    {
        using XmlSec peer = new();
        using SignallingConfidentialityKey key = Samples.CipherKey();
        byte[] document = ConfidentialXml.Encrypt(Samples.InfoBody, [new("mcptt-request-uri", Samples.Info)], key);
        (int exitCode, string output, byte[] decrypted) = await peer.Run("--decrypt", document,
            Key(peer, "aeskey", Samples.KeyOctets));
        exitCode.ShouldBe(0, output);
        Samples.Canonical(decrypted).ShouldBe(Samples.Canonical(Samples.InfoBody).Replace(
            "<mcptt-request-uri type=\"Normal\">", "<mcptt-request-uri type=\"Encrypted\">", StringComparison.Ordinal));
        (exitCode, _, _) = await peer.Run("--decrypt", document, Key(peer, "aeskey", Samples.OtherKeyOctets));
        exitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task We_decrypt_what_it_encrypted()
    {
        using XmlSec peer = new();
        using SignallingConfidentialityKey key = Samples.CipherKey();
        string template =
            "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\" Type=\"http://www.w3.org/2001/04/xmlenc#Content\">"
            + "<EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\"/>"
            + $"<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><KeyName>{Samples.CskIdText}</KeyName></KeyInfo>"
            + "<CipherData><CipherValue/></CipherData></EncryptedData>";
        string body = peer.FileOf("body.xml", Samples.InfoBody);
        (int exitCode, string output, byte[] encrypted) = await peer.Run(
            "--encrypt", Samples.Octets(template),
            [.. Key(peer, "aeskey", Samples.KeyOctets), "--xml-data", body, "--node-name", Samples.Info
                + ":mcptt-calling-user-id"]);
        exitCode.ShouldBe(0, output);
        Samples.Text(encrypted).ShouldNotContain("alice");

        ConfidentialXml parsed = ConfidentialXml.Parse(encrypted);
        parsed.EncryptedElements.ShouldBe([new("mcptt-calling-user-id", Samples.Info)]);
        parsed.TryDecrypt(key, out byte[]? decrypted).ShouldBeTrue();
        Samples.Canonical(decrypted).ShouldBe(Samples.Canonical(Samples.InfoBody));
    }

    private static string[] SignatureOptions(XmlSec peer, byte[] body) =>
        [$"--url-map:{Reference}", peer.FileOf("body", body), .. Key(peer, "hmackey", Samples.KeyOctets)];

    private static string[] Key(XmlSec peer, string kind, byte[] key) =>
        [$"--{kind}:{Samples.CskIdText}", peer.FileOf(kind, key)];
}
