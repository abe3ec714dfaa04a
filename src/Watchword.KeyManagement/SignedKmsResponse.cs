using System.Diagnostics.CodeAnalysis;
using Watchword.KeyManagement.Signing;

namespace Watchword.KeyManagement;

/// <summary>
/// A <c>SignedKmsResponse</c> (TS 33.180 D.3.1) as it came in. Until <see cref="TryVerify"/> it tells only the name of the key; the
/// response that comes out of it was read from exactly the octets that the signature covers. Those octets are not pinned or zeroed:
/// key material in a signed response belongs under a transport key.
/// </summary>
public sealed class SignedKmsResponse
{
    private readonly SignedDocument _document;
    private readonly AnnexDReadOptions _options;

    private SignedKmsResponse(SignedDocument document, AnnexDReadOptions options)
    {
        _document = document;
        _options = options;
    }

    /// <summary>The key that the signature names (<c>ds:KeyName</c>): a claim of the sender.</summary>
    public string SignatureKeyName => _document.KeyName;

    /// <summary>True if the document's root is a <c>SignedKmsResponse</c>, whether it can be read or not.</summary>
    public static bool IsSigned(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null) =>
        SignedDocument.IsSigned(document, KmsResponse.Root, options ?? AnnexDReadOptions.Response);

    /// <summary>
    /// Reads a signed response. There must be exactly one response and one signature, which refers to the response by its Id and is
    /// of the form that the security extension has: canonical XML, HMAC-SHA256 in full, SHA-256, a key name.
    /// </summary>
    /// <param name="document">The whole document; nothing may follow it.</param>
    /// <param name="options">Limits and leniency; <see cref="AnnexDReadOptions.Response"/> if null.</param>
    /// <exception cref="KeyManagementFormatException">It is not such a document, or passes a limit.</exception>
    public static SignedKmsResponse Parse(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null)
    {
        options ??= AnnexDReadOptions.Response;
        return new SignedKmsResponse(SignedDocument.Read(document, KmsResponse.Root, options), options);
    }

    /// <summary>Reads a signed response; false where <see cref="Parse"/> throws.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> document, AnnexDReadOptions? options, [NotNullWhen(true)] out SignedKmsResponse? response)
    {
        try
        {
            response = Parse(document, options);
            return true;
        }
        catch (KeyManagementFormatException)
        {
            response = null;
            return false;
        }
    }

    /// <summary>Checks the signature, in constant time, and then reads the response.</summary>
    /// <param name="key">The key that <see cref="SignatureKeyName"/> stands for; stays with the caller.</param>
    /// <param name="response">The response, owned by the caller; null if there is a fault.</param>
    /// <param name="fault">The fault, or <see cref="SignatureFault.None"/>.</param>
    /// <exception cref="KeyManagementFormatException">The signature holds, and what it covers cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The key has been disposed.</exception>
    public bool TryVerify(SecurityExtensionKey key, [NotNullWhen(true)] out KmsResponse? response, out SignatureFault fault)
    {
        ArgumentNullException.ThrowIfNull(key);
        response = null;
        fault = _document.Verify(key);
        if (fault != SignatureFault.None)
        {
            return false;
        }

        KmsResponse read = KmsResponse.Parse(_document.Content, _options.ForCanonical(_document.Content.Length));
        fault = SignedDocument.CheckSignatureId(read.SignatureId, key);
        if (fault != SignatureFault.None)
        {
            read.Dispose();
            return false;
        }

        response = read;
        return true;
    }
}
