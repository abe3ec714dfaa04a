using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Protection;

/// <summary>
/// An element whose content is one <c>xenc:EncryptedData</c> of the one form that there is: type Content, AES-128-GCM (XML
/// Encryption 1.1 §5.2.4: IV of 12 octets, cipher text, tag of 16), the XPK-ID as <c>ds:KeyName</c>, the cipher text in place.
/// </summary>
internal sealed class EncryptedElement
{
    private const string Data = "EncryptedData";

    private static readonly StrictElement _strict = new(McServicesFormatFault.UnsupportedEncryption);

    private EncryptedElement(XmlElement owner, uint xpkId, byte[] cipherValue)
    {
        Owner = owner;
        XpkId = xpkId;
        CipherValue = cipherValue;
    }

    /// <summary>The element whose content it is.</summary>
    public XmlElement Owner { get; }

    public uint XpkId { get; }

    /// <summary>IV, cipher text and tag.</summary>
    public byte[] CipherValue { get; }

    public static bool IsAnyIn(XmlDocument document) =>
        document.GetElementsByTagName("*", Names.Encryption).Count > 0;

    /// <exception cref="McServicesFormatException">Something of XML Encryption stands there in another form.</exception>
    public static List<EncryptedElement> Find(XmlDocument document)
    {
        List<EncryptedElement> found = [];
        Find(document.DocumentElement!, found);
        return found;
    }

    public static void Append(XmlElement owner, uint xpkId, byte[] cipherValue)
    {
        XmlDocument document = owner.OwnerDocument;
        XmlElement data = Add(owner, "xenc", Data, Names.Encryption);
        data.SetAttribute("Type", Names.EncryptedContent);
        Add(data, "xenc", "EncryptionMethod", Names.Encryption).SetAttribute("Algorithm", Names.Aes128Gcm);
        XmlElement keyInfo = Add(data, "ds", "KeyInfo", Names.Signature);
        Add(keyInfo, "ds", "KeyName", Names.Signature).AppendChild(document.CreateTextNode(Protection.XpkId.ToText(xpkId)));
        XmlElement cipherData = Add(data, "xenc", "CipherData", Names.Encryption);
        Add(cipherData, "xenc", "CipherValue", Names.Encryption)
            .AppendChild(document.CreateTextNode(Convert.ToBase64String(cipherValue)));
    }

    /// <summary>Puts what was encrypted in the place of the cipher text.</summary>
    public void Replace(string content, XmlLimits limits)
    {
        while (Owner.FirstChild is { } child)
        {
            Owner.RemoveChild(child);
        }

        BoundedXml.AppendContent(Owner, content, limits);
    }

    // Depth is bounded by the limits of the document.
    private static void Find(XmlElement element, List<EncryptedElement> found)
    {
        if (element.NamespaceURI == Names.Encryption)
        {
            // As the root, or beside something else.
            throw new McServicesFormatException(element.LocalName == Data ? Data : "*", McServicesFormatFault.MixedEncryption);
        }

        List<XmlElement> children = [.. element.ChildNodes.OfType<XmlElement>()];
        if (children.Count == 1 && children[0].LocalName == Data && children[0].NamespaceURI == Names.Encryption
            && IsAlone(element))
        {
            found.Add(Read(element, children[0]));
            return;
        }

        children.ForEach(child => Find(child, found));
    }

    private static bool IsAlone(XmlElement owner) =>
        owner.ChildNodes.Cast<XmlNode>()
            .All(node => node is XmlElement or XmlComment or XmlWhitespace or XmlSignificantWhitespace);

    private static EncryptedElement Read(XmlElement owner, XmlElement data)
    {
        _strict.Require(_strict.Attribute(data, "Type", "Id") == Names.EncryptedContent, data);
        List<XmlElement> parts = _strict.Elements(data, textAllowed: false);
        _strict.Require(parts.Count == 3, data);
        _strict.Expect(data, [parts[0], parts[2]], Names.Encryption, "EncryptionMethod", "CipherData");
        _strict.Expect(data, [parts[1]], Names.Signature, "KeyInfo");
        _strict.Require(_strict.Algorithm(parts[0]) == Names.Aes128Gcm, parts[0]);
        XmlElement keyName = _strict.Children(parts[1], Names.Signature, "KeyName")[0];
        XmlElement cipherValue = _strict.Children(parts[2], Names.Encryption, "CipherValue")[0];
        _strict.Require(Protection.XpkId.TryParse(_strict.Text(keyName), out uint xpkId), keyName);
        _strict.Require(Base64.TryDecode(_strict.Text(cipherValue), int.MaxValue / 2, out byte[] octets), cipherValue);
        return new EncryptedElement(owner, xpkId, octets);
    }

    private static XmlElement Add(XmlElement parent, string prefix, string name, string namespaceUri)
    {
        XmlElement element = parent.OwnerDocument.CreateElement(prefix, name, namespaceUri);
        parent.AppendChild(element);
        return element;
    }
}
