using System.Security.Cryptography;
using System.Text;

namespace Watchword.KeyManagement.Tests;

/// <summary><c>xmlsec1</c> verifies and unwraps what we make, and we what it made.</summary>
public sealed class XmlSecInteropTests
{
    private const string Dsig = "http://www.w3.org/2000/09/xmldsig#";
    private const string SignedInfoTemplate =
        "<SignedInfo><CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>"
        + "<SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"/>"
        + "<Reference URI=\"#xmldoc\"><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/></Reference></SignedInfo>"
        + "<SignatureValue/>";

    private static readonly TestDomain Domain = TestDomain.Shared;

    [Fact]
    public async Task It_verifies_our_signed_request_and_not_a_changed_one()
    {
        using XmlSec peer = new();
        using IntegrityKey key = IntegrityKey.Generate("ink.12.user@example.org");
        string document = Signed(Request(), key);
        (int exitCode, string output, _) = await peer.Run("--verify", document, peer.KeyOption("hmackey", key));
        exitCode.ShouldBe(0, output);
        string changed = document.Replace(TestDomain.User, "sip:other@example.org", StringComparison.Ordinal);
        (exitCode, _, _) = await peer.Run("--verify", changed, peer.KeyOption("hmackey", key));
        exitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData("init")]
    [InlineData("keyprov")]
    [InlineData("error")]
    public async Task It_verifies_our_signed_responses(string kind)
    {
        using XmlSec peer = new();
        using TransportKey transport = TransportKey.Generate("tk.12.user@example.org");
        using IntegrityKey key = IntegrityKey.Generate("ink.12.user@example.org");
        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(transport);
        using KmsResponse response = kind switch
        {
            "init" => TestDomain.Answer(new KmsInit(Domain.Certificate) { NewTransportKeys = [WrappedKey.Wrap(transport, transport)] }),
            "keyprov" => TestDomain.Answer(new KmsKeyProv([wrapped])),
            _ => TestDomain.Answer(null, new KmsErrorBody(403, "no \u00fcmlaut\r\n & <more>")),
        };
        using MemoryStream document = new();
        response.WriteSignedTo(document, key);
        (int exitCode, string output, _) =
            await peer.Run("--verify", Encoding.UTF8.GetString(document.ToArray()), peer.KeyOption("hmackey", key));
        exitCode.ShouldBe(0, output);
    }

    /// <summary>Contexts that inclusive canonical form takes in: namespaces and xml: attributes of ancestors.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" xmlns:v=\"urn:vendor\"")]
    [InlineData(" xml:lang=\"en\"")]
    [InlineData(" xml:space=\"preserve\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" Id=\"root\"")]
    public async Task We_verify_what_it_signed(string rootAttributes)
    {
        using XmlSec peer = new();
        using IntegrityKey key = IntegrityKey.Generate("ink.12.user@example.org");
        string message = Message(Request()).Replace(
            "<KmsUri>", "\n <!-- c --><?p i?> <v:x xmlns:v='urn:v' b='2' a=\"1 &gt; &#9;\"><![CDATA[<&>]]></v:x><KmsUri >", StringComparison.Ordinal);
        string template = $"<SignedKmsRequest xmlns=\"{TestDomain.Namespace}\"{rootAttributes}>{message}\n"
            + $"<Signature xmlns=\"{Dsig}\">\n  {SignedInfoTemplate}<KeyInfo><KeyName>{key.Id}</KeyName></KeyInfo></Signature></SignedKmsRequest>";
        (int exitCode, string output, string signed) = await peer.Run("--sign", template, peer.KeyOption("hmackey", key));
        exitCode.ShouldBe(0, output);
        SignedKmsRequest.Parse(TestDomain.Octets(signed)).TryVerify(key, out KmsRequest? request, out SignatureFault fault).ShouldBeTrue(fault.ToString());
        request!.KmsUri.ShouldBe(TestDomain.Kms);
    }

    /// <summary>It takes no bare EncryptedKey: the wrapped key is the HMAC key of a signature, and verifying needs the right one.</summary>
    [Theory]
    [InlineData("UserDecryptKey")]
    [InlineData("UserSigningKeySSK")]
    [InlineData("UserPubTokenPVT")]
    [InlineData("NewTransportKey")]
    [InlineData("NewIntegrityKey")]
    public async Task It_unwraps_our_keys(string element)
    {
        using XmlSec peer = new();
        using TransportKey kek = TransportKey.Generate("tk.12.user@example.org");
        using TransportKey newTransport = TransportKey.Generate("tk.13.user@example.org");
        using IntegrityKey newIntegrity = IntegrityKey.Generate("ink.13.user@example.org");
        using KmsKeySet issued = Domain.Issue();
        using KmsKeySet wrapped = issued.Wrap(kek);
        string document = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([wrapped])
        {
            NewTransportKeys = [WrappedKey.Wrap(newTransport, kek)],
            NewIntegrityKeys = [WrappedKey.Wrap(newIntegrity, kek)],
        }));
        byte[] plain = element switch
        {
            "UserDecryptKey" => Export(257, issued.ExportReceiverKey)[1..],
            "UserPubTokenPVT" => Export(65, issued.ExportPublicToken)[1..],
            "UserSigningKeySSK" => Export(32, issued.ExportSigningSecret),
            "NewTransportKey" => Export(32, newTransport.Export),
            _ => Export(32, newIntegrity.Export),
        };
        string signed = SignedWith(plain, EncryptedKeyIn(document, element));
        (int exitCode, string output, _) = await peer.Run("--verify", signed, peer.KeyOption("aeskey", kek));
        exitCode.ShouldBe(0, output);
        plain[^1] ^= 1;
        (exitCode, _, _) = await peer.Run("--verify", SignedWith(plain, EncryptedKeyIn(document, element)), peer.KeyOption("aeskey", kek));
        exitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task We_unwrap_what_it_wrapped()
    {
        using XmlSec peer = new();
        using TransportKey kek = TransportKey.Generate("tk.12.user@example.org");
        const string encryptedKey =
            "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">"
            + "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#kw-aes256\"/>"
            + "<KeyInfo><KeyName>tk.12.user@example.org</KeyName></KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>"
            + "<xenc:CarriedKeyName>ink.13.user@example.org</xenc:CarriedKeyName></xenc:EncryptedKey>";
        string template = $"<SignedKmsRequest xmlns=\"{TestDomain.Namespace}\">{Message(Request())}<Signature xmlns=\"{Dsig}\">{SignedInfoTemplate}"
            + $"<KeyInfo>{encryptedKey}</KeyInfo></Signature></SignedKmsRequest>";
        (int exitCode, string output, string signed) =
            await peer.Run("--sign", template, [.. peer.KeyOption("aeskey", kek), "--session-key", "hmac-256"]);
        exitCode.ShouldBe(0, output);

        string wrapped = Between(signed, "<xenc:EncryptedKey", "</xenc:EncryptedKey>")
            .Replace("<KeyInfo>", $"<KeyInfo xmlns=\"{Dsig}\">", StringComparison.Ordinal);
        string answer = TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([])))
            .Replace("</KmsKeyProv>", $"<NewIntegrityKey>{wrapped}</NewIntegrityKey></KmsKeyProv>", StringComparison.Ordinal);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(answer));
        ((KmsKeyProv)response.Message!).NewIntegrityKeys[0].TryUnwrapIntegrityKey(kek, out IntegrityKey? key, out KeyUnwrapFault fault).ShouldBeTrue(fault.ToString());

        // The key is the one that it signed with, and the name of the key is no part of what is signed.
        string named = signed.Replace(Between(signed, "<KeyInfo><xenc", "</xenc:EncryptedKey></KeyInfo>"), $"<KeyInfo><KeyName>{key!.Id}</KeyName></KeyInfo>", StringComparison.Ordinal);
        SignedKmsRequest.Parse(TestDomain.Octets(named)).TryVerify(key, out _, out SignatureFault signature).ShouldBeTrue(signature.ToString());
        key.Dispose();
    }

    private static KmsRequest Request() => new()
    {
        UserUri = TestDomain.User,
        KmsUri = TestDomain.Kms,
        Time = TestDomain.Now,
        ClientReqUrl = TestDomain.Url,
        ClientId = "a<b>&\"'\r\n\t\u00e9\u0085\u2028 c",
    };

    private static string Signed(KmsRequest request, SecurityExtensionKey key)
    {
        using MemoryStream document = new();
        request.WriteSignedTo(document, key);
        return Encoding.UTF8.GetString(document.ToArray());
    }

    private static string Message(KmsRequest request)
    {
        using MemoryStream document = new();
        request.WriteTo(document);
        string text = Encoding.UTF8.GetString(document.ToArray());
        return text[text.IndexOf("<KmsRequest", StringComparison.Ordinal)..]
            .Replace(" Version=", " Id=\"xmldoc\" Version=", StringComparison.Ordinal);
    }

    /// <summary>A document of canonical octets, signed with a key that it carries wrapped.</summary>
    private static string SignedWith(byte[] key, string encryptedKey)
    {
        const string message = $"<KmsRequest xmlns=\"{TestDomain.Namespace}\" Id=\"xmldoc\">x</KmsRequest>";
        string info = SignedInfoTemplate[..SignedInfoTemplate.IndexOf("<SignatureValue", StringComparison.Ordinal)]
            .Replace("<SignedInfo>", $"<SignedInfo xmlns=\"{Dsig}\">", StringComparison.Ordinal)
            .Replace("<DigestValue/>", $"<DigestValue>{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(message)))}</DigestValue>", StringComparison.Ordinal);
        string canonical = System.Text.RegularExpressions.Regex.Replace(info, "<(\\w+)([^<>]*)/>", "<$1$2></$1>");
        string mac = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(canonical)));
        return $"<SignedKmsRequest xmlns=\"{TestDomain.Namespace}\">{message}<Signature xmlns=\"{Dsig}\">{info}<SignatureValue>{mac}</SignatureValue>"
            + $"<KeyInfo>{encryptedKey}</KeyInfo></Signature></SignedKmsRequest>";
    }

    private static string EncryptedKeyIn(string document, string element) =>
        Between(document[document.IndexOf("<" + element, StringComparison.Ordinal)..], "<xenc:EncryptedKey", "</xenc:EncryptedKey>");

    private static string Between(string text, string start, string end)
    {
        int at = text.IndexOf(start, StringComparison.Ordinal);
        return text[at..(text.IndexOf(end, at, StringComparison.Ordinal) + end.Length)];
    }

    private delegate void Exporter(Span<byte> destination);

    private static byte[] Export(int length, Exporter export)
    {
        byte[] octets = new byte[length];
        export(octets);
        return octets;
    }
}
