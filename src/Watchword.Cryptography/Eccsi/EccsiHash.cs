using System.Security.Cryptography;
using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography.Eccsi;

/// <summary>The two hashes of RFC 6507, with SHA-256. They allocate nothing but one hash object per thread.</summary>
internal static class EccsiHash
{
    public const int SizeInBytes = SHA256.HashSizeInBytes;

    /// <summary>Input that is gathered on the stack and hashed in one call; longer input goes piece by piece.</summary>
    private const int GatheredSize = 512;

    /// <summary>Reset after each use, and not kept where a use ended in an exception.</summary>
    [ThreadStatic]
    private static IncrementalHash? pieces;

    /// <summary>HS = hash(G || KPAK || ID || PVT) (RFC 6507 §5.1.1), points as 04, x, y.</summary>
    public static void IdentityHash(
        ReadOnlySpan<byte> kpak, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> pvt, Span<byte> destination) =>
        Hash(P256.EncodedGenerator, kpak, identity, pvt, destination);

    /// <summary>HE = hash(HS || r || M) (RFC 6507 §5.2.1).</summary>
    public static void MessageHash(
        ReadOnlySpan<byte> identityHash, ReadOnlySpan<byte> r, ReadOnlySpan<byte> message, Span<byte> destination) =>
        Hash(identityHash, r, message, [], destination);

    private static void Hash(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, ReadOnlySpan<byte> fourth,
        Span<byte> destination)
    {
        // Lengths are those of arrays in memory: the sum of four does not overflow a long.
        if ((long)first.Length + second.Length + third.Length + fourth.Length > GatheredSize)
        {
            IncrementalHash hash = pieces ?? IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            pieces = null;
            hash.AppendData(first);
            hash.AppendData(second);
            hash.AppendData(third);
            hash.AppendData(fourth);
            _ = hash.GetHashAndReset(destination);
            pieces = hash;
            return;
        }

        Span<byte> gathered = stackalloc byte[GatheredSize];
        int length = 0;
        Append(gathered, ref length, first);
        Append(gathered, ref length, second);
        Append(gathered, ref length, third);
        Append(gathered, ref length, fourth);
        _ = SHA256.HashData(gathered[..length], destination);
    }

    private static void Append(Span<byte> gathered, ref int length, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(gathered[length..]);
        length += octets.Length;
    }
}
