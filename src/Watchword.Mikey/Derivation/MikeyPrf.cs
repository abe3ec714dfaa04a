using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// PRF-HMAC-SHA-256 (RFC 6043 §6.1 on the construction of RFC 3830 §4.1.2). The key is split into parts s_1, s_2, ... of 32 octets, the
/// last possibly shorter; P(s, label) = HMAC(s, A_1 || label) || HMAC(s, A_2 || label) ... with A_0 = label, A_k = HMAC(s, A_(k-1));
/// the outputs of the parts are XORed.
/// </summary>
internal static class MikeyPrf
{
    private const int BlockSize = HMACSHA256.HashSizeInBytes;
    private const int MaximumLabelSize = 512;

    public static void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, MaximumLabelSize, nameof(label));
        output.Clear();
        for (int part = 0; part < key.Length; part += BlockSize)
        {
            XorExpanded(key.Slice(part, Math.Min(BlockSize, key.Length - part)), label, output);
        }
    }

    private static void XorExpanded(ReadOnlySpan<byte> part, ReadOnlySpan<byte> label, Span<byte> output)
    {
        // chained = A_k || label
        Span<byte> chained = stackalloc byte[BlockSize + label.Length];
        Span<byte> block = stackalloc byte[BlockSize];
        Span<byte> a = chained[..BlockSize];
        label.CopyTo(chained[BlockSize..]);
        try
        {
            HMACSHA256.HashData(part, label, a);
            for (int done = 0; done < output.Length; done += BlockSize)
            {
                HMACSHA256.HashData(part, chained, block);
                int length = Math.Min(BlockSize, output.Length - done);
                for (int i = 0; i < length; i++)
                {
                    output[done + i] ^= block[i];
                }

                HMACSHA256.HashData(part, a, block);
                block.CopyTo(a);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chained);
            CryptographicOperations.ZeroMemory(block);
        }
    }
}
