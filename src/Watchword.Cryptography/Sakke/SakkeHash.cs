using System.Security.Cryptography;

namespace Watchword.Cryptography.Sakke;

/// <summary>HashToIntegerRange of RFC 6508 §5.1 with SHA-256, for the two ranges that SAKKE uses.</summary>
internal static class SakkeHash
{
    private const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>HashToIntegerRange(secret || identity, q): four rounds, since q has 1022 bits.</summary>
    public static void ToScalar(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> identity, out SakkeScalar scalar)
    {
        Span<byte> wide = stackalloc byte[4 * HashSize];
        Expand(secret, identity, wide);
        scalar = SakkeScalar.FromReduced(wide);
        CryptographicOperations.ZeroMemory(wide);
    }

    /// <summary>HashToIntegerRange(secret, 2^128) as 16 octets: one round; modulo 2^128 are its last 16 octets.</summary>
    public static void ToMask(ReadOnlySpan<byte> secret, Span<byte> mask)
    {
        Span<byte> wide = stackalloc byte[HashSize];
        Expand(secret, [], wide);
        wide[(HashSize - mask.Length)..].CopyTo(mask);
        CryptographicOperations.ZeroMemory(wide);
    }

    /// <summary>v_1 || .. || v_l with A = hash(s), h_0 = zeros, h_i = hash(h_(i-1)), v_i = hash(h_i || A).</summary>
    private static void Expand(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[2 * HashSize];
        Span<byte> h = input[..HashSize];
        h.Clear();
        JoinedHash.Compute(first, second, [], [], input[HashSize..]);
        Span<byte> next = stackalloc byte[HashSize];
        for (; !destination.IsEmpty; destination = destination[HashSize..])
        {
            SHA256.HashData(h, next);
            next.CopyTo(h);
            SHA256.HashData(input, destination[..HashSize]);
        }

        CryptographicOperations.ZeroMemory(input);
    }
}
