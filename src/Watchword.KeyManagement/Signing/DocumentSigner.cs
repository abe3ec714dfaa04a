using System.Security;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Signing;

/// <summary>
/// Puts a signature round a message. Everything is written in canonical form and no namespace is in scope but those that the message
/// declares itself, so the octets that leave are the octets that were hashed.
/// </summary>
internal static class DocumentSigner
{
    /// <summary>The Id of the message: the value of the samples.</summary>
    public const string Id = "xmldoc";

    /// <summary>The <c>Signature-ID</c> to write, which is never another than that of the key.</summary>
    public static string SignatureId(string? stated, SecurityExtensionKey key) =>
        stated is null || string.Equals(stated, key.Id, StringComparison.Ordinal)
            ? key.Id
            : throw new InvalidOperationException("Signature-ID names another key than the one that signs.");

    /// <param name="destination">Takes the document.</param>
    /// <param name="name">The message, <c>KmsRequest</c> or <c>KmsResponse</c>.</param>
    /// <param name="message">Its canonical octets; it has the Id above.</param>
    /// <param name="key">The key that signs.</param>
    /// <param name="namespaceUri">The namespace of the message.</param>
    public static void Write(
        Stream destination, string name, ReadOnlySpan<byte> message, SecurityExtensionKey key, string namespaceUri)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        byte[] signedInfo = SignatureProfile.WriteSignedInfo(Id, digest);
        Span<byte> mac = stackalloc byte[SignatureProfile.MacSizeInBytes];
        HMACSHA256.HashData(key.Octets, signedInfo, mac);

        destination.Write(Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Signed{name} xmlns=\"{SecurityElement.Escape(namespaceUri)}\">"));
        destination.Write(message);
        destination.Write(Encoding.UTF8.GetBytes($"<Signature xmlns=\"{AnnexDNames.Signature}\">"));
        destination.Write(signedInfo);
        destination.Write(Encoding.UTF8.GetBytes(
            $"<SignatureValue>{Convert.ToBase64String(mac)}</SignatureValue>"
            + $"<KeyInfo><KeyName>{SecurityElement.Escape(key.Id)}</KeyName></KeyInfo></Signature></Signed{name}>"));
    }
}
