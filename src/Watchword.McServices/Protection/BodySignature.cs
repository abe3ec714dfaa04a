using System.Security.Cryptography;
using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Protection;

/// <summary>
/// One <c>ds:Signature</c> of a body, in the one form that there is: canonical XML, HMAC-SHA-256 of full length, one reference
/// with a SHA-256 digest and at most a canonical form as transform, and the XPK-ID as key name (TS 33.180 9.3.5, TS 36.579-1
/// 5.5.13).
/// </summary>
internal sealed class BodySignature
{
    private const int HashSize = 32;

    private static readonly StrictElement _strict = new(McServicesFormatFault.UnsupportedSignature);

    private byte[] _signedInfo = [];
    private byte[] _signatureValue = [];
    private byte[] _digestValue = [];
    private string? _transform;

    private BodySignature()
    {
    }

    public string ContentId { get; private set; } = "";

    public uint XpkId { get; private set; }

    /// <summary>A signature, written so that its <c>SignedInfo</c> is canonical where it stands.</summary>
    public static string Make(string id, string contentId, ReadOnlySpan<byte> body, SignallingIntegrityKey key)
    {
        Span<byte> digest = stackalloc byte[HashSize], mac = stackalloc byte[HashSize];
        SHA256.HashData(body, digest);
        string signedInfo =
            $"<SignedInfo xmlns=\"{Names.Signature}\">"
            + $"<CanonicalizationMethod Algorithm=\"{Names.Canonical}\"></CanonicalizationMethod>"
            + $"<SignatureMethod Algorithm=\"{Names.HmacSha256}\"></SignatureMethod>"
            + $"<Reference URI=\"{Protection.ContentId.ToReference(contentId)}\">"
            + $"<DigestMethod Algorithm=\"{Names.Sha256}\"></DigestMethod>"
            + $"<DigestValue>{Convert.ToBase64String(digest)}</DigestValue></Reference></SignedInfo>";
        key.Mac(System.Text.Encoding.UTF8.GetBytes(signedInfo), mac);
        return $"<Signature xmlns=\"{Names.Signature}\" Id=\"{id}\">{signedInfo}"
            + $"<SignatureValue>{Convert.ToBase64String(mac)}</SignatureValue>"
            + $"<KeyInfo><KeyName>{Protection.XpkId.ToText(key.XpkId)}</KeyName></KeyInfo></Signature>";
    }

    /// <exception cref="McServicesFormatException">The signature is of another form.</exception>
    public static BodySignature Read(XmlElement element)
    {
        _strict.Require(element.LocalName == "Signature" && element.NamespaceURI == Names.Signature, element);
        List<XmlElement> parts = _strict.Children(element, Names.Signature, "SignedInfo", "SignatureValue", "KeyInfo");
        XmlElement keyName = _strict.Children(parts[2], Names.Signature, "KeyName")[0];
        _strict.Require(Protection.XpkId.TryParse(_strict.Text(keyName), out uint xpkId), keyName);
        BodySignature signature = new() { XpkId = xpkId, _signatureValue = Hash(parts[1]) };
        signature.ReadSignedInfo(parts[0]);
        return signature;
    }

    public bool IsSignedBy(SignallingIntegrityKey key)
    {
        Span<byte> mac = stackalloc byte[HashSize];
        key.Mac(_signedInfo, mac);
        return CryptographicOperations.FixedTimeEquals(mac, _signatureValue);
    }

    /// <summary>Whether the digest is that of the body; <paramref name="content"/> are the octets that it covers.</summary>
    public bool Covers(ReadOnlyMemory<byte> body, XmlLimits limits, out ReadOnlyMemory<byte> content)
    {
        content = _transform is null ? body : CanonicalXml.Octets(BoundedXml.Load(body, limits), _transform);
        Span<byte> digest = stackalloc byte[HashSize];
        SHA256.HashData(content.Span, digest);
        return CryptographicOperations.FixedTimeEquals(digest, _digestValue);
    }

    private static byte[] Hash(XmlElement element)
    {
        _strict.Require(Base64.TryDecode(_strict.Text(element), HashSize, out byte[] octets) && octets.Length == HashSize,
            element);
        return octets;
    }

    private void ReadSignedInfo(XmlElement signedInfo)
    {
        List<XmlElement> parts = _strict.Children(
            signedInfo, Names.Signature, "CanonicalizationMethod", "SignatureMethod", "Reference");
        string canonical = _strict.Algorithm(parts[0]);
        _strict.Require(CanonicalXml.IsKnown(canonical), parts[0]);
        // No HMACOutputLength: a MAC cut to nothing would hold for every key (CVE-2009-0217).
        _strict.Require(_strict.Algorithm(parts[1]) == Names.HmacSha256, parts[1]);
        ReadReference(parts[2]);
        _signedInfo = CanonicalXml.Octets(signedInfo, canonical);
    }

    private void ReadReference(XmlElement reference)
    {
        List<XmlElement> within = _strict.Elements(reference, textAllowed: false);
        if (within.Count == 3)
        {
            _strict.Expect(reference, [within[0]], Names.Signature, "Transforms");
            XmlElement transform = _strict.Children(within[0], Names.Signature, "Transform")[0];
            _transform = _strict.Algorithm(transform);
            _strict.Require(CanonicalXml.IsKnown(_transform), transform);
            within.RemoveAt(0);
        }

        _strict.Expect(reference, within, Names.Signature, "DigestMethod", "DigestValue");
        _strict.Require(_strict.Algorithm(within[0]) == Names.Sha256, within[0]);
        _digestValue = Hash(within[1]);
        string uri = _strict.Attribute(reference, "URI", "Id");
        ContentId = Protection.ContentId.TryFromReference(uri, out string contentId)
            ? contentId
            : throw new McServicesFormatException("Reference", McServicesFormatFault.WrongSignatureCoverage);
    }
}
