using System.Buffers;
using System.Security.Cryptography;
using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography.Sakke;

/// <summary>
/// Tables of public points in the cache of the process: those of KMS public keys Z_T, and those of the points [b]P + Z_T of
/// recipients that are met again and again. A table that had to give way is made anew when it is wanted.
/// </summary>
internal static class RecipientTables
{
    /// <summary>More columns than a fixed base has: a recipient's table is half as large, for a doubling or two more.</summary>
    private const int RecipientColumns = 4;

    private const int LargestKeyOnStack = 512;

    /// <summary>What tables of a KMS public key are found by.</summary>
    public static CacheKey KeyOf(ReadOnlySpan<byte> publicKey) => Hash([], publicKey);

    /// <summary>What the table of a recipient is found by.</summary>
    public static CacheKey KeyOf(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> identity) => Hash(publicKey, identity);

    /// <summary>The table of a KMS public key.</summary>
    public static SakkeComb Get(in CacheKey key, in SakkePoint point)
    {
        BoundedCache<object> cache = Precomputation.PublicTables;
        if (cache.TryGet(key, out object? found))
        {
            return (SakkeComb)found;
        }

        SakkeComb comb = SakkeCurve.CreateComb(point);
        cache.Add(key, comb, comb.SizeInBytes);
        return comb;
    }

    /// <summary>The table of a recipient, if it has one.</summary>
    public static SakkeComb? Find(in CacheKey key) =>
        Precomputation.PublicTables.TryGet(key, out object? found) ? (SakkeComb)found : null;

    /// <summary>Counts a use of a recipient without a table; true if this is a use at which it gets one.</summary>
    public static bool CountUse(in CacheKey key) => Precomputation.CountUse(key);

    /// <summary>Makes the table of a recipient.</summary>
    public static SakkeComb Add(in CacheKey key, in SakkePoint point)
    {
        SakkeComb comb = SakkeCurve.CreateComb(point, RecipientColumns);
        Precomputation.PublicTables.Add(key, comb, comb.SizeInBytes);
        return comb;
    }

    /// <summary>SHA-256 over the two: the first is empty or has the fixed length of a public key, so that no two pairs meet.</summary>
    private static CacheKey Hash(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> rest)
    {
        int length = publicKey.Length + rest.Length;
        byte[]? rented = length > LargestKeyOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> input = rented is null ? stackalloc byte[LargestKeyOnStack] : rented;
        publicKey.CopyTo(input);
        rest.CopyTo(input[publicKey.Length..]);
        Span<byte> hash = stackalloc byte[CacheKey.SizeInBytes];
        SHA256.HashData(input[..length], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return new CacheKey(hash);
    }
}
