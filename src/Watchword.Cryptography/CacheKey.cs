using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.Cryptography;

/// <summary>What an entry of a <see cref="BoundedCache{TValue}"/> is found by: 32 octets of a hash over public data.</summary>
internal readonly struct CacheKey : IEquatable<CacheKey>
{
    /// <summary>Octets of the hash.</summary>
    public const int SizeInBytes = SHA256.HashSizeInBytes;

    private readonly ulong word0;
    private readonly ulong word1;
    private readonly ulong word2;
    private readonly ulong word3;

    /// <param name="hash">Exactly 32 octets.</param>
    public CacheKey(ReadOnlySpan<byte> hash)
    {
        word0 = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        word1 = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        word2 = BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]);
        word3 = BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]);
    }

    public bool Equals(CacheKey other) =>
        word0 == other.word0 && word1 == other.word1 && word2 == other.word2 && word3 == other.word3;

    public override bool Equals(object? obj) => obj is CacheKey other && Equals(other);

    /// <summary>Differs from process to process, so that nobody outside can choose keys of one value.</summary>
    public override int GetHashCode() => HashCode.Combine(word0, word1);
}
