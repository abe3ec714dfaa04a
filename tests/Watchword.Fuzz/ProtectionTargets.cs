using System.Security.Cryptography;
using System.Text;
using Watchword.McServices;
using Watchword.Mikey;

namespace Watchword.Fuzz;

/// <summary>The keys that the corpus is protected with.</summary>
internal static class ProtectionKeys
{
    public const uint DppkId = 0x10000001;
    public const uint CskId = 0x2A0B0C0D;
    public const string ContentId = "info@mc.example.org";

    public static DataPayloadCipherKey Payload { get; } = DataPayloadCipherKey.Derive(Key("payload"), DppkId);

    public static SignallingConfidentialityKey Confidentiality { get; } = new(Key("confidentiality"), CskId);

    public static SignallingIntegrityKey Integrity { get; } = new(Key("integrity"), CskId);

    public static byte[] Body { get; } = Encoding.UTF8.GetBytes(
        "<mcpttinfo xmlns=\"urn:3gpp:ns:mcpttInfo:1.0\"><a>sip:alice@mc.example.org</a></mcpttinfo>");

    private static byte[] Key(string label) => SHA256.HashData(Encoding.UTF8.GetBytes("fuzz " + label))[..16];
}

/// <summary>An MCData protected payload, as a receiver takes it from the network or from a MIKEY message.</summary>
internal sealed class ProtectedPayloadTarget : IFuzzTarget
{
    public string Name => "mcdata-payload";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0x43], [0xC3], [0x41], [0x01], [0x10, 0x00, 0x00, 0x01], [0x78, 0x00, 0x1A], [0x00, 0x00, 0x10], [0xFF, 0xFF],
            new byte[16]];

    public string Run(ReadOnlyMemory<byte> input)
    {
        if (!McDataProtectedPayload.TryParse(input.Span, out McDataProtectedPayload? payload))
        {
            return "refused";
        }

        FuzzTargets.Require(payload.PayloadSizeInBytes >= 0 && payload.CipherText.Length < input.Length,
            "the cipher text lies in the octets");
        byte[] text = new byte[payload.PayloadSizeInBytes];
        if (!ProtectionKeys.Payload.TryUnprotect(payload, text))
        {
            FuzzTargets.Require(text.All(o => o == 0), "nothing is left of what was not authentic");
            return $"parsed {payload.Head.MessageType} {payload.IsSigned} {payload.Head.SignallingAlgorithm is not null}";
        }

        FuzzTargets.Require(text.Length == 0 || text.AsSpan().SequenceEqual("fuzz text"u8), "no mutation is authentic");
        return "opened";
    }
}

/// <summary>A body of SIP whose elements are encrypted.</summary>
internal sealed class ConfidentialXmlTarget : IFuzzTarget
{
    public string Name => "confidential-xml";

    public IReadOnlyList<byte[]> Dictionary => ProtectionDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input)
    {
        try
        {
            ConfidentialXml parsed = ConfidentialXml.Parse(input);
            if (!parsed.TryDecrypt(ProtectionKeys.Confidentiality, out byte[]? decrypted))
            {
                return $"parsed {parsed.EncryptedElements.Count}";
            }

            ConfidentialXml again = ConfidentialXml.Parse(decrypted, XmlLimits.Default with { MaxOctets = int.MaxValue });
            FuzzTargets.Require(again.XpkId is null, "what is decrypted has nothing encrypted in it");
            return $"decrypted {parsed.EncryptedElements.Count}";
        }
        catch (McServicesFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }
    }
}

/// <summary>A confidential URI, as it stands in an attribute or a header.</summary>
internal sealed class ConfidentialUriTarget : IFuzzTarget
{
    public string Name => "confidential-uri";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "sip:"u8.ToArray(), ";iv="u8.ToArray(), ";key-id="u8.ToArray(), ";alg="u8.ToArray(), "128-aes-gcm"u8.ToArray(),
            "KgsMDQ=="u8.ToArray(),
        "@mc1-encrypted.3gppnetwork.org"u8.ToArray(), "=="u8.ToArray(), "AAAA"u8.ToArray(), "%2B"u8.ToArray(),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        if (!ConfidentialUri.TryParse(Encoding.UTF8.GetString(input.Span), out ConfidentialUri? uri))
        {
            return "refused";
        }

        if (!uri.TryDecrypt(ProtectionKeys.Confidentiality, out string? clear))
        {
            return "parsed";
        }

        FuzzTargets.Require(clear == "sip:alice@mc.example.org", "no mutation is authentic");
        return "decrypted";
    }
}

/// <summary>The signatures of the bodies of a SIP message.</summary>
internal sealed class BodySignaturesTarget : IFuzzTarget
{
    private static readonly Dictionary<string,
        ReadOnlyMemory<byte>> _signed = new() { [ProtectionKeys.ContentId] = ProtectionKeys.Body };
    private static readonly Dictionary<string,
        ReadOnlyMemory<byte>> _forged = new() { [ProtectionKeys.ContentId] = new byte[] { (byte)'<' } };

    public string Name => "body-signatures";

    public IReadOnlyList<byte[]> Dictionary => ProtectionDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input)
    {
        try
        {
            BodySignatures parsed = BodySignatures.Parse(input);
            FuzzTargets.Require(
                parsed.ContentIds.Count is > 0 and <= BodySignatures.MaximumCount
                && parsed.ContentIds.Distinct().Count() == parsed.ContentIds.Count, "one signature for one body");
            FuzzTargets.Require(!Verifies(parsed, _forged), "no mutation signs another body");
            return Verifies(parsed, _signed) ? "verified" : $"parsed {parsed.ContentIds.Count}";
        }
        catch (McServicesFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }
    }

    private static bool Verifies(BodySignatures signatures, Dictionary<string, ReadOnlyMemory<byte>> bodies)
    {
        try
        {
            return signatures.TryVerify(bodies, ProtectionKeys.Integrity, out _, out _);
        }
        catch (McServicesFormatException)
        {
            // A body that is not XML and was to be brought into canonical form: signed so by the key, or it would not get there.
            return false;
        }
    }
}

/// <summary>What the documents of XML Signature and XML Encryption are full of.</summary>
internal static class ProtectionDictionary
{
    public static IReadOnlyList<byte[]> Words { get; } =
    [
        "<xenc:EncryptedData "u8.ToArray(), "</xenc:EncryptedData>"u8.ToArray(), "<xenc:CipherValue>"u8.ToArray(),
            "KgsMDQ=="u8.ToArray(),
        "http://www.w3.org/2001/04/xmlenc#Content"u8.ToArray(), "http://www.w3.org/2009/xmlenc11#aes128-gcm"u8.ToArray(),
        "http://www.w3.org/2001/10/xml-exc-c14n#"u8.ToArray(), "<Transforms><Transform Algorithm=\""u8.ToArray(),
            "</Reference>"u8.ToArray(),
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"u8.ToArray(), "</Signature>"u8.ToArray(), "cid:"u8.ToArray(),
            "%40"u8.ToArray(),
        "<!DOCTYPE a>"u8.ToArray(), "<!-- -->"u8.ToArray(), "<![CDATA["u8.ToArray(), "]]>"u8.ToArray(), "&amp;"u8.ToArray(),
            "&#0;"u8.ToArray(),
        " xmlns=\"\""u8.ToArray(), " xmlns:xenc=\"urn:x\""u8.ToArray(), " type=\"Encrypted\""u8.ToArray(), "<?p ?>"u8.ToArray(),
            "<a>"u8.ToArray(),
    ];
}
