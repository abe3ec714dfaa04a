using System.Text;
using System.Xml;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Signing;

/// <summary>
/// The one form of <c>ds:Signature</c> that the security extension has (TS 33.180 D.1, D.2.2): canonical XML, HMAC-SHA256 of full
/// length, one same-document reference with a SHA-256 digest, and the name of the key. Everything else is refused.
/// </summary>
internal sealed class SignatureProfile
{
    public const int MacSizeInBytes = 32;
    public const string MacAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    public const string DigestAlgorithm = "http://www.w3.org/2001/04/xmlenc#sha256";

    private readonly string _path;

    private SignatureProfile(string path) => _path = path;

    /// <summary>The Id that the reference names.</summary>
    public string ReferencedId { get; private set; } = "";

    public string KeyName { get; private set; } = "";

    public byte[] DigestValue { get; private set; } = [];

    public byte[] SignatureValue { get; private set; } = [];

    /// <summary>Canonical octets of <c>ds:SignedInfo</c>, which the MAC is made over.</summary>
    public byte[] SignedInfo { get; private set; } = [];

    /// <exception cref="KeyManagementFormatException">The signature is of another form.</exception>
    public static SignatureProfile Read(XmlElement signature, string path)
    {
        SignatureProfile profile = new(path);
        List<XmlElement> parts = profile.Children(signature, "SignedInfo", "SignatureValue", "KeyInfo");
        profile.ReadSignedInfo(parts[0]);
        profile.SignatureValue = profile.Mac(parts[1]);
        XmlElement keyName = profile.Children(parts[2], "KeyName")[0];
        profile.KeyName = profile.Text(keyName);
        profile.SignedInfo = CanonicalXml.Octets(parts[0]);
        return profile;
    }

    /// <summary>
    /// The canonical octets of a <c>ds:SignedInfo</c> of this form, within an element without other namespaces in scope.
    /// </summary>
    public static byte[] WriteSignedInfo(string id, ReadOnlySpan<byte> digest) => Encoding.UTF8.GetBytes(
        $"<SignedInfo xmlns=\"{AnnexDNames.Signature}\">"
        + $"<CanonicalizationMethod Algorithm=\"{CanonicalXml.Algorithm}\"></CanonicalizationMethod>"
        + $"<SignatureMethod Algorithm=\"{MacAlgorithm}\"></SignatureMethod>"
        + $"<Reference URI=\"#{id}\"><DigestMethod Algorithm=\"{DigestAlgorithm}\"></DigestMethod>"
        + $"<DigestValue>{Convert.ToBase64String(digest)}</DigestValue></Reference></SignedInfo>");

    private void ReadSignedInfo(XmlElement signedInfo)
    {
        List<XmlElement> parts = Children(signedInfo, "CanonicalizationMethod", "SignatureMethod", "Reference");
        CheckAlgorithm(parts[0], CanonicalXml.Algorithm);
        // No HMACOutputLength: a MAC cut to nothing would hold for every key (CVE-2009-0217).
        CheckAlgorithm(parts[1], MacAlgorithm);

        XmlElement reference = parts[2];
        List<XmlElement> within = Elements(reference);
        if (within.Count == 3)
        {
            CheckTransforms(within[0]);
            within.RemoveAt(0);
        }

        Expect(within, "DigestMethod", "DigestValue");
        CheckAlgorithm(within[0], DigestAlgorithm);
        DigestValue = Mac(within[1]);
        string uri = Attribute(reference, "URI");
        ReferencedId = uri.Length > 1 && uri[0] == '#'
            ? uri[1..]
            : throw Refuse("Reference", KeyManagementFormatFault.WrongSignatureCoverage);
    }

    private void CheckTransforms(XmlElement transforms)
    {
        Expect([transforms], "Transforms");
        CheckAlgorithm(Children(transforms, "Transform")[0], CanonicalXml.Algorithm);
    }

    private void CheckAlgorithm(XmlElement element, string algorithm)
    {
        if (Attribute(element, "Algorithm") != algorithm || Elements(element).Count > 0)
        {
            throw Refuse(element.LocalName, KeyManagementFormatFault.UnsupportedSignature);
        }
    }

    /// <summary>The one attribute of an element, besides namespaces and an Id.</summary>
    private string Attribute(XmlElement element, string name)
    {
        string? value = null;
        foreach (XmlAttribute attribute in element.Attributes)
        {
            if (attribute.Name == name)
            {
                value = attribute.Value;
            }
            else if (attribute.Name is not ("xmlns" or "Id") && attribute.Prefix != "xmlns")
            {
                throw Refuse(element.LocalName, KeyManagementFormatFault.UnsupportedSignature);
            }
        }

        return value ?? throw Refuse(element.LocalName, KeyManagementFormatFault.UnsupportedSignature);
    }

    private byte[] Mac(XmlElement element)
    {
        byte[] octets = new byte[MacSizeInBytes];
        string text = string.Concat(Text(element).Split(AnnexDReader.XmlWhiteSpace));
        return Convert.TryFromBase64String(text, octets, out int length) && length == MacSizeInBytes
            ? octets
            : throw Refuse(element.LocalName, KeyManagementFormatFault.UnsupportedSignature);
    }

    private string Text(XmlElement element) => Elements(element, textAllowed: true).Count == 0
        ? element.InnerText.Trim(AnnexDReader.XmlWhiteSpace)
        : throw Refuse(element.LocalName, KeyManagementFormatFault.UnsupportedSignature);

    private List<XmlElement> Children(XmlElement parent, params ReadOnlySpan<string> names)
    {
        List<XmlElement> children = Elements(parent);
        Expect(children, names);
        return children;
    }

    private void Expect(List<XmlElement> elements, params ReadOnlySpan<string> names)
    {
        bool fits = elements.Count == names.Length;
        for (int i = 0; fits && i < names.Length; i++)
        {
            fits = elements[i].LocalName == names[i] && elements[i].NamespaceURI == AnnexDNames.Signature;
        }

        if (!fits)
        {
            throw Refuse(names[0], KeyManagementFormatFault.UnsupportedSignature);
        }
    }

    /// <summary>Child elements; text that stands where only elements belong is refused, comments are nothing.</summary>
    private List<XmlElement> Elements(XmlElement parent, bool textAllowed = false)
    {
        List<XmlElement> elements = [];
        foreach (XmlNode node in parent.ChildNodes)
        {
            switch (node)
            {
                case XmlElement element:
                    elements.Add(element);
                    break;
                case XmlComment or XmlWhitespace or XmlSignificantWhitespace:
                case XmlText or XmlCDataSection when textAllowed:
                    break;
                default:
                    throw Refuse(parent.LocalName, KeyManagementFormatFault.UnsupportedSignature);
            }
        }

        return elements;
    }

    private KeyManagementFormatException Refuse(string name, KeyManagementFormatFault fault) => new($"{_path}/{name}", fault);
}
