using System.Security.Cryptography;
using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography.Eccsi;

/// <summary>
/// Tables of public points in the cache of the process: those of KPAKs, and those of the points Y = [HS]PVT + KPAK of signers
/// whose signatures were found good again and again.
/// </summary>
internal static class SignerTables
{
    /// <summary>A signer's table has two columns: half as large as that of a KPAK, for a doubling and an addition more.</summary>
    private const int SignerColumns = 2;

    /// <summary>What the table of a KPAK is found by.</summary>
    public static CacheKey KeyOfAuthority(ReadOnlySpan<byte> kpak)
    {
        Span<byte> hash = stackalloc byte[CacheKey.SizeInBytes];
        _ = SHA256.HashData(kpak, hash);
        return Apart(hash);
    }

    /// <summary>What the table of a signer is found by: HS, which covers KPAK, identity and PVT without ambiguity.</summary>
    public static CacheKey KeyOfSigner(ReadOnlySpan<byte> identityHash)
    {
        Span<byte> hash = stackalloc byte[CacheKey.SizeInBytes];
        identityHash.CopyTo(hash);
        return Apart(hash);
    }

    /// <summary>The table of a KPAK or of a signer, if it has one.</summary>
    public static P256Comb? Find(in CacheKey key) =>
        Precomputation.PublicTables.TryGet(key, out object? found) ? found as P256Comb : null;

    /// <summary>Counts a use of a KPAK or signer without a table; true if this is a use at which it gets one.</summary>
    public static bool CountUse(in CacheKey key) => Precomputation.CountUse(key);

    /// <summary>Makes the table of a KPAK.</summary>
    public static P256Comb AddAuthority(in CacheKey key, in P256Point kpak)
    {
        P256Comb comb = P256.CreateComb(kpak);
        Precomputation.PublicTables.Add(key, comb, comb.SizeInBytes);
        return comb;
    }

    /// <summary>Makes the table of a signer, unless Y is infinity.</summary>
    public static void AddSigner(in CacheKey key, in P256Point y)
    {
        if (y.IsIdentity().Reveal())
        {
            return;
        }

        P256Comb comb = P256.CreateComb(y, SignerColumns);
        Precomputation.PublicTables.Add(key, comb, comb.SizeInBytes);
    }

    /// <summary>Complemented, so that no key of another kind of table, which is a hash as well, is the same.</summary>
    private static CacheKey Apart(Span<byte> hash)
    {
        foreach (ref byte octet in hash)
        {
            octet ^= 0xFF;
        }

        return new CacheKey(hash);
    }
}
