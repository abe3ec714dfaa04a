using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;
using Watchword.McServices.Protection;
using Watchword.McServices.Xml;

namespace Watchword.McServices;

/// <summary>
/// XML bodies of SIP in which the content of some elements is encrypted (TS 33.180 9.3.4, TS 24.379 6.6.2):
/// <c>xenc:EncryptedData</c> of type Content with AES-128-GCM, the XPK-ID as key name, and <c>type="Encrypted"</c> on the
/// element.
/// </summary>
/// <remarks>
/// What is encrypted here is authentic by itself, element by element; that the element stands where it belongs, only a signature
/// of the body says (<see cref="BodySignatures"/>).
/// </remarks>
public sealed class ConfidentialXml
{
    private const string TypeAttribute = "type";
    private const string TypeEncrypted = "Encrypted";
    private const string TypeNormal = "Normal";

    private readonly ReadOnlyMemory<byte> _document;
    private readonly XmlLimits _limits;

    private ConfidentialXml(ReadOnlyMemory<byte> document, XmlLimits limits, List<EncryptedElement> encrypted)
    {
        _document = document;
        _limits = limits;
        XpkId = encrypted.Count == 0 ? null : encrypted[0].XpkId;
        EncryptedElements = [.. encrypted.Select(e => new XmlQualifiedName(e.Owner.LocalName, e.Owner.NamespaceURI))];
    }

    /// <summary>The identifier of the key under which everything is encrypted; null if nothing is.</summary>
    public uint? XpkId { get; }

    /// <summary>
    /// The elements whose content is encrypted, in the order of the document. Whether all that must be confidential is among them
    /// is for the receiver to decide.
    /// </summary>
    public IReadOnlyList<XmlQualifiedName> EncryptedElements { get; }

    /// <summary>Encrypts the content of elements, wherever they stand.</summary>
    /// <param name="document">The body in clear.</param>
    /// <param name="elements">
    /// The names of the elements (TS 24.379 4.8 says which); those that are not there are passed over.
    /// </param>
    /// <param name="key">The key.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <returns>The body as sent, UTF-8.</returns>
    /// <exception cref="McServicesFormatException">Not XML, past a limit, or encrypted already.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static byte[] Encrypt(
        ReadOnlyMemory<byte> document,
        IReadOnlyCollection<XmlQualifiedName> elements,
        SignallingConfidentialityKey key,
        XmlLimits? limits = null)
    {
        XmlDocument loaded = BoundedXml.Load(document, limits ?? XmlLimits.Default);
        if (EncryptedElement.Find(loaded).Count > 0)
        {
            throw new McServicesFormatException("EncryptedData", McServicesFormatFault.MixedEncryption);
        }

        foreach (XmlElement element in Outermost(loaded.DocumentElement!, elements).ToList())
        {
            byte[] cipherValue = key.Encrypt(Encoding.UTF8.GetBytes(element.InnerXml));
            // Not RemoveAll, which would take the attributes as well.
            while (element.FirstChild is { } child)
            {
                element.RemoveChild(child);
            }

            element.SetAttribute(TypeAttribute, TypeEncrypted);
            EncryptedElement.Append(element, key.XpkId, cipherValue);
        }

        return BoundedXml.Write(loaded);
    }

    /// <summary>
    /// Reads a body whose elements may be encrypted. Everything about them has been checked but the cipher text.
    /// </summary>
    /// <param name="document">The body as received; it must not change as long as this object is used.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, encrypted in another form, or under several keys.
    /// </exception>
    public static ConfidentialXml Parse(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        limits ??= XmlLimits.Default;
        List<EncryptedElement> encrypted = EncryptedElement.Find(BoundedXml.Load(document, limits));
        return encrypted.Select(e => e.XpkId).Distinct().Count() <= 1
            ? new ConfidentialXml(document, limits, encrypted)
            : throw new McServicesFormatException("EncryptedData", McServicesFormatFault.SeveralKeys);
    }

    /// <summary>Decrypts everything that is encrypted.</summary>
    /// <param name="key">The key.</param>
    /// <param name="decrypted">The body in clear, UTF-8. If nothing is encrypted, the body as it came.</param>
    /// <returns>False if the body names another key, or any cipher text is not of this key: one outcome for all.</returns>
    /// <exception cref="McServicesFormatException">
    /// What was encrypted is not content of XML, is encrypted again, or passes a limit.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool TryDecrypt(SignallingConfidentialityKey key, [NotNullWhen(true)] out byte[]? decrypted)
    {
        decrypted = null;
        XmlDocument loaded = BoundedXml.Load(_document, _limits);
        List<EncryptedElement> encrypted = EncryptedElement.Find(loaded);
        List<byte[]> texts = [];
        foreach (EncryptedElement element in encrypted)
        {
            byte[]? text = element.XpkId == key.XpkId ? key.Decrypt(element.CipherValue) : null;
            if (text is null)
            {
                return false;
            }

            texts.Add(text);
        }

        foreach ((EncryptedElement element, byte[] text) in encrypted.Zip(texts))
        {
            element.Replace(Decode(text), _limits);
            if (element.Owner.HasAttribute(TypeAttribute))
            {
                element.Owner.SetAttribute(TypeAttribute, TypeNormal);
            }
        }

        if (EncryptedElement.IsAnyIn(loaded))
        {
            throw new McServicesFormatException("EncryptedData", McServicesFormatFault.MixedEncryption);
        }

        byte[] written = encrypted.Count == 0 ? _document.ToArray() : BoundedXml.Write(loaded);
        BoundedXml.Check(written, _limits);
        decrypted = written;
        return true;
    }

    private static string Decode(byte[] text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new McServicesFormatException(BoundedXml.Root, McServicesFormatFault.NotXml);
        }
    }

    /// <summary>The named elements that no named element holds.</summary>
    private static IEnumerable<XmlElement> Outermost(XmlElement element, IReadOnlyCollection<XmlQualifiedName> names) =>
        names.Any(name => name.Name == element.LocalName && name.Namespace == element.NamespaceURI)
            ? [element]
            : element.ChildNodes.OfType<XmlElement>().SelectMany(child => Outermost(child, names));
}
