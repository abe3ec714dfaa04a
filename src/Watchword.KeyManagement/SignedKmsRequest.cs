using System.Diagnostics.CodeAnalysis;
using Watchword.KeyManagement.Signing;

namespace Watchword.KeyManagement;

/// <summary>
/// A <c>SignedKmsRequest</c> (TS 33.180 D.2.2) as it came in. Until <see cref="TryVerify"/> it tells only what is needed to find
/// the key; the request that comes out of it was read from exactly the octets that the signature covers.
/// </summary>
public sealed class SignedKmsRequest
{
    private readonly SignedDocument _document;
    private readonly KmsRequest _request;

    private SignedKmsRequest(SignedDocument document, KmsRequest request)
    {
        _document = document;
        _request = request;
    }

    /// <summary>The key that the signature names (<c>ds:KeyName</c>): a claim of the sender.</summary>
    public string SignatureKeyName => _document.KeyName;

    /// <summary>The user that the request names: a claim of the sender until the signature is verified.</summary>
    public string ClaimedUserUri => _request.UserUri;

    /// <summary>The client that the request names: a claim of the sender until the signature is verified.</summary>
    public string? ClaimedClientId => _request.ClientId;

    /// <summary>The signature value, 32 octets: what makes one signed request another than all others of its key.</summary>
    public ReadOnlyMemory<byte> SignatureValue => _document.SignatureValue;

    /// <summary>True if the document's root is a <c>SignedKmsRequest</c>, whether it can be read or not.</summary>
    public static bool IsSigned(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null) =>
        SignedDocument.IsSigned(document, KmsRequest.Root, options ?? AnnexDReadOptions.Request);

    /// <summary>
    /// Reads a signed request. There must be exactly one request and one signature, which refers to the request by its Id and is
    /// of the form that the security extension has: canonical XML, HMAC-SHA256 in full, SHA-256, a key name.
    /// </summary>
    /// <param name="document">The whole document; nothing may follow it.</param>
    /// <param name="options">Limits and leniency; <see cref="AnnexDReadOptions.Request"/> if null.</param>
    /// <exception cref="KeyManagementFormatException">It is not such a document, or passes a limit.</exception>
    public static SignedKmsRequest Parse(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null)
    {
        options ??= AnnexDReadOptions.Request;
        SignedDocument signed = SignedDocument.Read(document, KmsRequest.Root, options);
        return new SignedKmsRequest(signed, KmsRequest.Parse(signed.Content, options.ForCanonical(signed.Content.Length)));
    }

    /// <summary>Reads a signed request; false where <see cref="Parse"/> throws.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> document, AnnexDReadOptions? options, [NotNullWhen(true)] out SignedKmsRequest? request)
    {
        try
        {
            request = Parse(document, options);
            return true;
        }
        catch (KeyManagementFormatException)
        {
            request = null;
            return false;
        }
    }

    /// <summary>Checks the signature, in constant time.</summary>
    /// <param name="key">The key that <see cref="SignatureKeyName"/> stands for; stays with the caller.</param>
    /// <param name="request">The request; null if there is a fault.</param>
    /// <param name="fault">The fault, or <see cref="SignatureFault.None"/>.</param>
    /// <exception cref="ObjectDisposedException">The key has been disposed.</exception>
    public bool TryVerify(SecurityExtensionKey key, [NotNullWhen(true)] out KmsRequest? request, out SignatureFault fault)
    {
        ArgumentNullException.ThrowIfNull(key);
        fault = _document.Verify(key);
        if (fault == SignatureFault.None)
        {
            fault = SignedDocument.CheckSignatureId(_request.SignatureId, key);
        }

        request = fault == SignatureFault.None ? _request : null;
        return request is not null;
    }
}
