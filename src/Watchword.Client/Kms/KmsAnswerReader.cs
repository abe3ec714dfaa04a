using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>
/// Reads answers. A client with transport keys takes only what one of its own keys signed, and reads it from the octets that the
/// signature
/// covers; a client without takes only what is not signed (TS 33.180 D.3.1).
/// </summary>
internal sealed class KmsAnswerReader(KmClientOptions options)
{
    private const int FirstBuffer = 16 * 1024;

    private AnnexDReadOptions ReadOptions => AnnexDReadOptions.Response with { MaxOctets = options.MaxAnswerOctets, Lenient = options.Lenient };

    /// <summary>The answer, and whether it is signed with a key of the client.</summary>
    /// <exception cref="WatchwordClientException">It is too large, malformed, or not signed as it has to be.</exception>
    public async Task<(KmsResponse Response, bool IsSigned)> ReadAsync(
        Stream stream, TransportKeyRing? ring, string? correlationId, CancellationToken cancellation)
    {
        byte[] buffer = GC.AllocateArray<byte>(FirstBuffer, pinned: true);
        try
        {
            int length = 0;
            while (await stream.ReadAsync(buffer.AsMemory(length), cancellation) is > 0 and int read)
            {
                length += read;
                if (length > options.MaxAnswerOctets)
                {
                    throw new WatchwordClientException(ClientFault.AnswerTooLarge, $"over {options.MaxAnswerOctets} octets", correlationId);
                }

                buffer = length == buffer.Length ? Grow(buffer) : buffer;
            }

            return Parse(buffer.AsMemory(0, length), ring, correlationId);
        }
        catch (KeyManagementFormatException e)
        {
            ClientFault fault = e.Fault == KeyManagementFormatFault.TooLarge ? ClientFault.AnswerTooLarge : ClientFault.KmsAnswerMalformed;
            throw new WatchwordClientException(fault, $"{e.ElementPath}: {e.Fault}", correlationId, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private (KmsResponse Response, bool IsSigned) Parse(ReadOnlyMemory<byte> document, TransportKeyRing? ring, string? correlationId)
    {
        if (!SignedKmsResponse.IsSigned(document, ReadOptions))
        {
            return (KmsResponse.Parse(document, ReadOptions), false);
        }

        SignedKmsResponse signed = SignedKmsResponse.Parse(document, ReadOptions);
        SecurityExtensionKey key = ring?.FindSigningKey(signed.SignatureKeyName)
            ?? throw new WatchwordClientException(ClientFault.AnswerSignatureUnknown, null, correlationId);
        return signed.TryVerify(key, out KmsResponse? response, out SignatureFault fault)
            ? (response, true)
            : throw new WatchwordClientException(ClientFault.AnswerSignatureInvalid, fault.ToString(), correlationId);
    }

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = GC.AllocateArray<byte>(2 * buffer.Length, pinned: true);
        buffer.CopyTo(larger, 0);
        CryptographicOperations.ZeroMemory(buffer);
        return larger;
    }
}
