using System.Security.Cryptography;
using System.Xml;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Signing;

/// <summary>
/// <c>SignedKmsRequest</c> or <c>SignedKmsResponse</c> (TS 33.180 D.2.2, D.3.1) whose form has been checked and whose signature
/// has not. <see cref="Content"/> is the canonical form of the element that the reference covers: what is hashed is what is read,
/// octet by octet, so that nothing outside the signature can get into what is used.
/// </summary>
internal sealed class SignedDocument
{
    private const string Signed = "Signed";
    private const string IdAttribute = "Id";

    private readonly SignatureProfile _signature;

    private SignedDocument(byte[] content, SignatureProfile signature)
    {
        Content = content;
        _signature = signature;
    }

    public byte[] Content { get; }

    public string KeyName => _signature.KeyName;

    public byte[] SignatureValue => _signature.SignatureValue;

    public static bool IsSigned(ReadOnlyMemory<byte> document, string name, AnnexDReadOptions options)
    {
        try
        {
            using AnnexDReader reader = new(document, options);
            return reader.RootIs(Signed + name);
        }
        catch (KeyManagementFormatException)
        {
            return false;
        }
    }

    /// <exception cref="KeyManagementFormatException">The document passes a limit or is of another form.</exception>
    public static SignedDocument Read(ReadOnlyMemory<byte> document, string name, AnnexDReadOptions options)
    {
        CheckLimits(document, Signed + name, options);
        XmlElement root = CanonicalXml.Load(document, options).DocumentElement!;
        string path = Signed + name;
        (XmlElement content, XmlElement signature) = Parts(root, name);
        SignatureProfile profile = SignatureProfile.Read(signature, path + "/ds:Signature");
        if (content.GetAttribute(IdAttribute) != profile.ReferencedId || CountIds(root, profile.ReferencedId) != 1)
        {
            throw new KeyManagementFormatException(
                path + "/ds:Signature/Reference", KeyManagementFormatFault.WrongSignatureCoverage);
        }

        return new SignedDocument(CanonicalXml.Octets(content), profile);
    }

    public SignatureFault Verify(SecurityExtensionKey key) =>
        !string.Equals(KeyName, key.Id, StringComparison.Ordinal) ? SignatureFault.OtherKey
        : IsSignedBy(key) ? SignatureFault.None : SignatureFault.Invalid;

    /// <summary>After the signature: what the message itself says about the key must be true (D.2.2).</summary>
    public static SignatureFault CheckSignatureId(string? signatureId, SecurityExtensionKey key) =>
        signatureId is null || string.Equals(signatureId, key.Id, StringComparison.Ordinal)
            ? SignatureFault.None
            : SignatureFault.SignatureIdMismatch;

    /// <summary>True if the key made the signature and the digest is that of the content.</summary>
    private bool IsSignedBy(SecurityExtensionKey key)
    {
        Span<byte> mac = stackalloc byte[SignatureProfile.MacSizeInBytes];
        Span<byte> digest = stackalloc byte[SignatureProfile.MacSizeInBytes];
        HMACSHA256.HashData(key.Octets, _signature.SignedInfo, mac);
        SHA256.HashData(Content, digest);
        bool signed = CryptographicOperations.FixedTimeEquals(mac, _signature.SignatureValue);
        return CryptographicOperations.FixedTimeEquals(digest, _signature.DigestValue) & signed;
    }

    /// <summary>Limits first, with the reader that keeps nothing.</summary>
    private static void CheckLimits(ReadOnlyMemory<byte> document, string root, AnnexDReadOptions options)
    {
        using AnnexDReader reader = new(document, options);
        reader.ReadRoot(root);
        reader.SkipElement();
        reader.ReadEnd();
    }

    /// <summary>
    /// Exactly the element and its signature: nothing may stand beside them that somebody else would take for it.
    /// </summary>
    private static (XmlElement Content, XmlElement Signature) Parts(XmlElement root, string name)
    {
        List<XmlElement> elements = [];
        foreach (XmlNode node in root.ChildNodes)
        {
            switch (node)
            {
                case XmlElement element:
                    elements.Add(element);
                    break;
                case XmlComment or XmlProcessingInstruction or XmlWhitespace or XmlSignificantWhitespace:
                    break;
                default:
                    throw new KeyManagementFormatException(root.LocalName, KeyManagementFormatFault.UnexpectedContent);
            }
        }

        if (elements.Count == 0 || elements[0].LocalName != name || elements[0].NamespaceURI != root.NamespaceURI)
        {
            throw new KeyManagementFormatException($"{root.LocalName}/{name}", KeyManagementFormatFault.MissingElement);
        }

        if (elements.Count == 1)
        {
            throw new KeyManagementFormatException($"{root.LocalName}/ds:Signature", KeyManagementFormatFault.MissingElement);
        }

        return elements.Count == 2 && elements[1].LocalName == "Signature" && elements[1].NamespaceURI == AnnexDNames.Signature
            ? (elements[0], elements[1])
            : throw new KeyManagementFormatException(root.LocalName + "/*", KeyManagementFormatFault.WrongSignatureCoverage);
    }

    /// <summary>How many attributes, of any spelling of Id, have the value.</summary>
    private static int CountIds(XmlElement element, string value)
    {
        int count = 0;
        foreach (XmlAttribute attribute in element.Attributes)
        {
            bool isId = string.Equals(attribute.LocalName, IdAttribute, StringComparison.OrdinalIgnoreCase);
            count += isId && attribute.Value == value ? 1 : 0;
        }

        foreach (XmlNode child in element.ChildNodes)
        {
            count += child is XmlElement inner ? CountIds(inner, value) : 0;
        }

        return count;
    }
}
