using System.Security.Cryptography;

namespace Watchword.Cryptography;

/// <summary>
/// SHA-256 over octet strings put one behind the other. Allocates nothing but one hash object per thread, for long ones; keeps nothing of
/// what was hashed.
/// </summary>
internal static class JoinedHash
{
    /// <summary>Octets of a hash.</summary>
    public const int SizeInBytes = SHA256.HashSizeInBytes;

    /// <summary>Input that is gathered on the stack and hashed in one call; longer input goes piece by piece.</summary>
    private const int GatheredSize = 1024;

    /// <summary>Reset after each use, and not kept where a use ended in an exception.</summary>
    [ThreadStatic]
    private static IncrementalHash? pieces;

    /// <summary>hash(first || second || third || fourth).</summary>
    public static void Compute(
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
        CryptographicOperations.ZeroMemory(gathered[..length]);
    }

    private static void Append(Span<byte> gathered, ref int length, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(gathered[length..]);
        length += octets.Length;
    }
}
