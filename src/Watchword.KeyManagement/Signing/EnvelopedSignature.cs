using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Signing;

/// <summary>
/// The one form of signature that a KMS redirect response has (TS 33.180 D.4.2): XML Signature 1.1 within the element that it
/// covers, ECDSA with SHA-256, canonical XML 1.0, a SHA-256 digest, and the X.509 certificate of who signs. Everything else is
/// refused.
/// </summary>
internal static class EnvelopedSignature
{
    public const string Name = "Signature";

    private const string EcdsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    private const string Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    private const DSASignatureFormat Format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;
    private const int MaxSignatureSize = 256;
    private const int MaxCertificateSize = 16 * 1024;

    /// <summary>Signs a document: the signature becomes the last child of its root.</summary>
    /// <param name="document">Canonical octets of an element without signature.</param>
    /// <param name="certificate">The certificate of who signs, with its ECDSA key.</param>
    /// <returns>Canonical octets with the signature.</returns>
    /// <exception cref="ArgumentException">The certificate has no private ECDSA key.</exception>
    public static byte[] Sign(ReadOnlyMemory<byte> document, X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()
            ?? throw new ArgumentException("The certificate has no private ECDSA key.", nameof(certificate));
        XmlElement root = CanonicalXml.Load(document, AnnexDReadOptions.Response).DocumentElement!;
        XmlElement signature = Add(root, Name);
        // As a reader of the octets will see it: canonical form looks at declarations.
        signature.SetAttribute("xmlns", AnnexDNames.Signature);
        XmlElement signedInfo = Add(signature, "SignedInfo");
        Add(signedInfo, "CanonicalizationMethod", CanonicalXml.Algorithm);
        Add(signedInfo, "SignatureMethod", EcdsaSha256);
        XmlElement reference = Add(signedInfo, "Reference");
        reference.SetAttribute("URI", "");
        XmlElement transforms = Add(reference, "Transforms");
        Add(transforms, "Transform", Enveloped);
        Add(transforms, "Transform", CanonicalXml.Algorithm);
        Add(reference, "DigestMethod", SignatureProfile.DigestAlgorithm);
        Add(reference, "DigestValue").InnerText = Convert.ToBase64String(SHA256.HashData(document.Span));
        byte[] value = key.SignData(CanonicalXml.Octets(signedInfo), HashAlgorithmName.SHA256, Format);
        Add(signature, "SignatureValue").InnerText = Convert.ToBase64String(value);
        XmlElement data = Add(Add(signature, "KeyInfo"), "X509Data");
        Add(data, "X509Certificate").InnerText = Convert.ToBase64String(certificate.RawData);
        return CanonicalXml.OctetsAlone(root);
    }

    /// <summary>
    /// Verifies the signature of a document that is exactly one element with exactly one signature as its child.
    /// </summary>
    /// <param name="document">Canonical octets.</param>
    /// <param name="signer">The certificate whose key made it; whether it is to be trusted is for the caller to say, who disposes
    /// it.</param>
    public static bool TryVerify(ReadOnlyMemory<byte> document, [NotNullWhen(true)] out X509Certificate2? signer)
    {
        signer = null;
        return TryLoad(document, out XmlElement? root) && TryVerify(root, out signer);
    }

    public static bool IsSignature(XmlElement element) =>
        element.LocalName == Name && element.NamespaceURI == AnnexDNames.Signature;

    private static bool TryLoad(ReadOnlyMemory<byte> document, [NotNullWhen(true)] out XmlElement? root)
    {
        try
        {
            root = CanonicalXml.Load(document, AnnexDReadOptions.Response).DocumentElement!;
            return true;
        }
        catch (KeyManagementFormatException)
        {
            // It was read under wider limits than these.
            root = null;
            return false;
        }
    }

    private static bool TryVerify(XmlElement root, [NotNullWhen(true)] out X509Certificate2? signer)
    {
        signer = null;
        XmlElement[] signatures = [.. root.ChildNodes.OfType<XmlElement>().Where(IsSignature)];
        if (signatures.Length != 1
            || Children(signatures[0], "SignedInfo", "SignatureValue", "KeyInfo") is not { } parts
            || ReadDigest(parts[0]) is not { } digest
            || Base64(parts[1], MaxSignatureSize) is not { } value
            || ReadCertificate(parts[2]) is not { } certificate)
        {
            return false;
        }

        byte[] signedInfo = CanonicalXml.Octets(parts[0]);
        root.RemoveChild(signatures[0]);
        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(CanonicalXml.OctetsAlone(root)), digest)
            && IsSignedBy(certificate, signedInfo, value))
        {
            signer = certificate;
            return true;
        }

        certificate.Dispose();
        return false;
    }

    private static bool IsSignedBy(X509Certificate2 certificate, byte[] signedInfo, byte[] value)
    {
        try
        {
            using ECDsa? key = certificate.GetECDsaPublicKey();
            return key?.VerifyData(signedInfo, value, HashAlgorithmName.SHA256, Format) == true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The digest of the one reference, to the whole document without this signature; null for any other form.</summary>
    private static byte[]? ReadDigest(XmlElement signedInfo)
    {
        if (Children(signedInfo, "CanonicalizationMethod", "SignatureMethod", "Reference") is not { } parts
            || !HasAlgorithm(parts[0], CanonicalXml.Algorithm)
            || !HasAlgorithm(parts[1], EcdsaSha256)
            || !parts[2].HasAttribute("URI")
            || parts[2].GetAttribute("URI").Length > 0
            || Children(parts[2], "Transforms", "DigestMethod", "DigestValue") is not { } reference
            || !HasAlgorithm(reference[1], SignatureProfile.DigestAlgorithm)
            || Children(reference[0], "Transform", "Transform") is not { } transforms
            || !HasAlgorithm(transforms[0], Enveloped)
            || !HasAlgorithm(transforms[1], CanonicalXml.Algorithm))
        {
            return null;
        }

        return Base64(reference[2], SHA256.HashSizeInBytes) is { Length: SHA256.HashSizeInBytes } digest ? digest : null;
    }

    private static X509Certificate2? ReadCertificate(XmlElement keyInfo)
    {
        XmlElement? data = Children(keyInfo, "X509Data")?[0];
        XmlElement? first = data?.ChildNodes.OfType<XmlElement>()
            .FirstOrDefault(e => e.LocalName == "X509Certificate" && e.NamespaceURI == AnnexDNames.Signature);
        try
        {
            return first is not null && Base64(first, MaxCertificateSize) is { } octets
                ? X509CertificateLoader.LoadCertificate(octets)
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The child elements, if they are exactly those; null otherwise, or if text stands among them.</summary>
    private static XmlElement[]? Children(XmlElement parent, params ReadOnlySpan<string> names)
    {
        XmlElement[] children = [.. parent.ChildNodes.OfType<XmlElement>()];
        bool fits = children.Length == names.Length
            && parent.ChildNodes.OfType<XmlNode>().All(
                n => n is XmlElement or XmlComment or XmlWhitespace or XmlSignificantWhitespace);
        for (int i = 0; fits && i < names.Length; i++)
        {
            fits = children[i].LocalName == names[i] && children[i].NamespaceURI == AnnexDNames.Signature;
        }

        return fits ? children : null;
    }

    private static bool HasAlgorithm(XmlElement element, string algorithm) =>
        element.GetAttribute("Algorithm") == algorithm && !element.ChildNodes.OfType<XmlElement>().Any();

    private static byte[]? Base64(XmlElement element, int maxSize)
    {
        string text = string.Concat(element.InnerText.Split(AnnexDReader.XmlWhiteSpace));
        byte[] octets = new byte[maxSize];
        return !element.ChildNodes.OfType<XmlElement>().Any() && Convert.TryFromBase64String(text, octets, out int length)
            ? octets[..length]
            : null;
    }

    private static XmlElement Add(XmlElement parent, string name, string? algorithm = null)
    {
        XmlElement element = parent.OwnerDocument.CreateElement(name, AnnexDNames.Signature);
        if (algorithm is not null)
        {
            element.SetAttribute("Algorithm", algorithm);
        }

        parent.AppendChild(element);
        return element;
    }
}
