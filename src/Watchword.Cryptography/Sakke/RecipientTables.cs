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

    private static readonly Lock Making = new();

    /// <summary>What tables of a KMS public key are found by.</summary>
    public static CacheKey KeyOf(ReadOnlySpan<byte> publicKey) => Hash(publicKey, [], []);

    /// <summary>
    /// What the table of a recipient is found by: a hash over the public key, which has a fixed length, one octet 0 and the
    /// identity. Without the octet an identity of no octets would share its key with the public key, whose table has another
    /// shape.
    /// </summary>
    public static CacheKey KeyOf(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> identity) => Hash(publicKey, [0], identity);

    /// <summary>The table of a KMS public key.</summary>
    public static SakkeComb Get(in CacheKey key, in SakkePoint point)
    {
        BoundedCache<object> cache = Precomputation.PublicTables;
        if (cache.TryGet(key, out object? found))
        {
            return (SakkeComb)found;
        }

        // Threads that come together wait for one table rather than make one each.
        lock (Making)
        {
            if (cache.TryGet(key, out found))
            {
                return (SakkeComb)found;
            }

            SakkeComb comb = SakkeCurve.CreateComb(point);
            cache.Add(key, comb, comb.SizeInBytes);
            return comb;
        }
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

    private static CacheKey Hash(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> separator, ReadOnlySpan<byte> identity)
    {
        Span<byte> hash = stackalloc byte[CacheKey.SizeInBytes];
        JoinedHash.Compute(publicKey, separator, identity, [], hash);
        return new CacheKey(hash);
    }
}
