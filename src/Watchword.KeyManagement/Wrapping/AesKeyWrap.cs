using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
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
/// AES key wrap of RFC 3394 §2.2 and with padding of RFC 5649 §4, under a key of 256 bits. Both are the same six rounds and differ in
/// their integrity value, so one unwrapping serves both. For keys of at least 16 octets: RFC 5649's form for a single block never occurs.
/// </summary>
internal sealed class AesKeyWrap : IDisposable
{
    /// <summary>Octets that wrapping adds, not counting padding.</summary>
    public const int Overhead = 8;

    private const int Semiblock = 8;
    private const int BlockSize = 16;
    private const ulong Rfc3394Value = 0xA6A6A6A6A6A6A6A6;
    private const uint Rfc5649Value = 0xA65959A6;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _block = GC.AllocateArray<byte>(BlockSize, pinned: true);
    private ICryptoTransform? _forward;
    private ICryptoTransform? _backward;

    [SuppressMessage("Security", "CA5358", Justification = "RFC 3394 is defined over single blocks of the cipher.")]
    public AesKeyWrap(TransportKey key)
    {
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.SetKey(key.Octets);
    }

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
        if (wrapped.Length < BlockSize + Semiblock || wrapped.Length % Semiblock != 0 || buffer.Length != wrapped.Length - Overhead)
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

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_block);
        _forward?.Dispose();
        _backward?.Dispose();
        _aes.Dispose();
    }

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

    private byte[] Rounds(ulong integrity, ReadOnlySpan<byte> key, int padding)
    {
        _forward ??= _aes.CreateEncryptor();
        byte[] wrapped = GC.AllocateArray<byte>(Overhead + key.Length + padding, pinned: true);
        Span<byte> rest = wrapped.AsSpan(Overhead);
        key.CopyTo(rest);
        int count = rest.Length / Semiblock;
        for (int step = 1; step <= 6 * count; step++)
        {
            Span<byte> part = rest.Slice((step - 1) % count * Semiblock, Semiblock);
            BinaryPrimitives.WriteUInt64BigEndian(_block, integrity);
            part.CopyTo(_block.AsSpan(Semiblock));
            _forward.TransformBlock(_block, 0, BlockSize, _block, 0);
            integrity = BinaryPrimitives.ReadUInt64BigEndian(_block) ^ (ulong)step;
            _block.AsSpan(Semiblock).CopyTo(part);
        }

        BinaryPrimitives.WriteUInt64BigEndian(wrapped, integrity);
        return wrapped;
    }

    private ulong RoundsBack(ulong integrity, Span<byte> rest)
    {
        _backward ??= _aes.CreateDecryptor();
        int count = rest.Length / Semiblock;
        for (int step = 6 * count; step > 0; step--)
        {
            Span<byte> part = rest.Slice((step - 1) % count * Semiblock, Semiblock);
            BinaryPrimitives.WriteUInt64BigEndian(_block, integrity ^ (ulong)step);
            part.CopyTo(_block.AsSpan(Semiblock));
            _backward.TransformBlock(_block, 0, BlockSize, _block, 0);
            integrity = BinaryPrimitives.ReadUInt64BigEndian(_block);
            _block.AsSpan(Semiblock).CopyTo(part);
        }

        return integrity;
    }
}
