using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.KeyManagement.Wrapping;

/// <summary>What the integrity value of an unwrapped key said.</summary>
internal enum WrapKind
{
    None,
    Rfc3394,
    Rfc5649,
}

/// <summary>
/// AES key wrap of RFC 3394 §2.2 and with padding of RFC 5649 §4, under a key of 256 bits. Both are the same six rounds and
/// differ in their integrity value, so one unwrapping serves both. For keys of at least 16 octets: RFC 5649's form for a single
/// block never occurs.
/// </summary>
internal sealed class AesKeyWrap : IDisposable
{
    /// <summary>Octets that wrapping adds, not counting padding.</summary>
    public const int Overhead = 8;

    private const int Semiblock = 8;
    private const int BlockSize = AesBlock.SizeInBytes;

    /// <summary>The longest key wrapped here is an RSK with padding.</summary>
    private const int MaxLength = 264;

    private const ulong Rfc3394Value = 0xA6A6A6A6A6A6A6A6;
    private const uint Rfc5649Value = 0xA65959A6;

    private readonly AesBlock _cipher;

    public AesKeyWrap(TransportKey key) => _cipher = new AesBlock(key.Octets);

    /// <summary>RFC 3394: at least two semiblocks of 8 octets.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> key)
    {
        if (key.Length < BlockSize || key.Length % Semiblock != 0)
        {
            throw new ArgumentException("RFC 3394 wraps multiples of 8 octets, at least 16.", nameof(key));
        }

        return Rounds(Rfc3394Value, key, padding: 0);
    }

    /// <summary>RFC 5649: any length above 8.</summary>
    public byte[] WrapPadded(ReadOnlySpan<byte> key)
    {
        if (key.Length <= Semiblock)
        {
            throw new ArgumentException("Keys of more than 8 octets are wrapped here.", nameof(key));
        }

        return Rounds(((ulong)Rfc5649Value << 32) | (uint)key.Length, key, padding: -key.Length & (Semiblock - 1));
    }

    /// <summary>
    /// Unwraps either form. <paramref name="buffer"/> takes the octets with their padding and is zeroed unless one of the two
    /// integrity values holds; <paramref name="length"/> says how many of them are the key.
    /// </summary>
    public WrapKind Unwrap(ReadOnlySpan<byte> wrapped, Span<byte> buffer, out int length)
    {
        length = 0;
        if (wrapped.Length < BlockSize + Semiblock || wrapped.Length % Semiblock != 0
            || buffer.Length != wrapped.Length - Overhead)
        {
            return WrapKind.None;
        }

        wrapped[Overhead..].CopyTo(buffer);
        ulong value = RoundsBack(BinaryPrimitives.ReadUInt64BigEndian(wrapped), buffer);
        WrapKind kind = Kind(value, buffer, out length);
        if (kind == WrapKind.None)
        {
            CryptographicOperations.ZeroMemory(buffer);
        }

        return kind;
    }

    public void Dispose() => _cipher.Dispose();

    private static WrapKind Kind(ulong value, ReadOnlySpan<byte> buffer, out int length)
    {
        length = 0;
        if (value == Rfc3394Value)
        {
            length = buffer.Length;
            return WrapKind.Rfc3394;
        }

        // RFC 5649 §3: the length lies within the last semiblock, and what is behind it is zero.
        uint stated = (uint)value;
        if (value >> 32 != Rfc5649Value || stated > (uint)buffer.Length || stated <= (uint)(buffer.Length - Semiblock)
            || buffer[(int)stated..].ContainsAnyExcept((byte)0))
        {
            return WrapKind.None;
        }

        length = (int)stated;
        return WrapKind.Rfc5649;
    }

    /// <summary>What is not yet wrapped stays on the stack, which the garbage collector never copies.</summary>
    private byte[] Rounds(ulong integrity, ReadOnlySpan<byte> key, int padding)
    {
        Span<byte> memory = stackalloc byte[BlockSize + MaxLength];
        Span<byte> block = memory[..BlockSize], rest = memory.Slice(BlockSize, key.Length + padding);
        key.CopyTo(rest);
        rest[key.Length..].Clear();
        int count = rest.Length / Semiblock;
        for (int step = 1; step <= 6 * count; step++)
        {
            Span<byte> part = rest.Slice((step - 1) % count * Semiblock, Semiblock);
            BinaryPrimitives.WriteUInt64BigEndian(block, integrity);
            part.CopyTo(block[Semiblock..]);
            _cipher.Encrypt(block);
            integrity = BinaryPrimitives.ReadUInt64BigEndian(block) ^ (ulong)step;
            block[Semiblock..].CopyTo(part);
        }

        byte[] wrapped = new byte[Overhead + rest.Length];
        BinaryPrimitives.WriteUInt64BigEndian(wrapped, integrity);
        rest.CopyTo(wrapped.AsSpan(Overhead));
        CryptographicOperations.ZeroMemory(memory);
        return wrapped;
    }

    private ulong RoundsBack(ulong integrity, Span<byte> rest)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        int count = rest.Length / Semiblock;
        for (int step = 6 * count; step > 0; step--)
        {
            Span<byte> part = rest.Slice((step - 1) % count * Semiblock, Semiblock);
            BinaryPrimitives.WriteUInt64BigEndian(block, integrity ^ (ulong)step);
            part.CopyTo(block[Semiblock..]);
            _cipher.Decrypt(block);
            integrity = BinaryPrimitives.ReadUInt64BigEndian(block);
            block[Semiblock..].CopyTo(part);
        }

        CryptographicOperations.ZeroMemory(block);
        return integrity;
    }
}
