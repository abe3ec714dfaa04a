using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;
using X86Sse2 = System.Runtime.Intrinsics.X86.Sse2;

namespace Watchword.KeyManagement.Wrapping;

/// <summary>
/// AES-256 of single blocks, which depend on each other in key wrap: one call of the platform for each would cost twenty times as much as
/// the cipher. The instructions of the processor are used where it has them (FIPS 197 §5.2, in the order of Intel's white paper on AES-NI), the
/// platform elsewhere. Both work in constant time.
/// </summary>
internal sealed class AesBlock : IDisposable
{
    public const int SizeInBytes = 16;

    private const int Rounds = 14;

    // Encryption keys of rounds 0 to 14, then the decryption keys in the order of their use.
    private readonly byte[] _schedule = GC.AllocateArray<byte>(2 * (Rounds + 1) * SizeInBytes, pinned: true);
    private readonly byte[]? _block;
    private readonly Aes? _platform;
    private readonly ICryptoTransform? _forward;
    private readonly ICryptoTransform? _backward;

    [SuppressMessage("Security", "CA5358", Justification = "RFC 3394 is defined over single blocks of the cipher.")]
    public AesBlock(ReadOnlySpan<byte> key)
    {
        if (X86Aes.IsSupported)
        {
            Expand(key, MemoryMarshal.Cast<byte, Vector128<byte>>(_schedule.AsSpan()));
            return;
        }

        _block = GC.AllocateArray<byte>(SizeInBytes, pinned: true);
        _platform = Aes.Create();
        _platform.Mode = CipherMode.ECB;
        _platform.Padding = PaddingMode.None;
        _platform.SetKey(key);
        _forward = _platform.CreateEncryptor();
        _backward = _platform.CreateDecryptor();
    }

    public void Encrypt(Span<byte> block)
    {
        if (_forward is not null)
        {
            Transform(_forward, block);
            return;
        }

        ReadOnlySpan<Vector128<byte>> keys = MemoryMarshal.Cast<byte, Vector128<byte>>(_schedule)[..(Rounds + 1)];
        Vector128<byte> state = Vector128.Create<byte>(block) ^ keys[0];
        for (int round = 1; round < Rounds; round++)
        {
            state = X86Aes.Encrypt(state, keys[round]);
        }

        X86Aes.EncryptLast(state, keys[Rounds]).CopyTo(block);
    }

    public void Decrypt(Span<byte> block)
    {
        if (_backward is not null)
        {
            Transform(_backward, block);
            return;
        }

        ReadOnlySpan<Vector128<byte>> keys = MemoryMarshal.Cast<byte, Vector128<byte>>(_schedule)[(Rounds + 1)..];
        Vector128<byte> state = Vector128.Create<byte>(block) ^ keys[0];
        for (int round = 1; round < Rounds; round++)
        {
            state = X86Aes.Decrypt(state, keys[round]);
        }

        X86Aes.DecryptLast(state, keys[Rounds]).CopyTo(block);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_schedule);
        CryptographicOperations.ZeroMemory(_block);
        _forward?.Dispose();
        _backward?.Dispose();
        _platform?.Dispose();
    }

    private void Transform(ICryptoTransform transform, Span<byte> block)
    {
        block.CopyTo(_block);
        transform.TransformBlock(_block!, 0, SizeInBytes, _block!, 0);
        _block.CopyTo(block);
    }

    private static void Expand(ReadOnlySpan<byte> key, Span<Vector128<byte>> keys)
    {
        keys[0] = Vector128.Create(key[..SizeInBytes]);
        keys[1] = Vector128.Create(key[SizeInBytes..]);
        keys[2] = Even(keys[0], X86Aes.KeygenAssist(keys[1], 0x01));
        keys[3] = Odd(keys[1], keys[2]);
        keys[4] = Even(keys[2], X86Aes.KeygenAssist(keys[3], 0x02));
        keys[5] = Odd(keys[3], keys[4]);
        keys[6] = Even(keys[4], X86Aes.KeygenAssist(keys[5], 0x04));
        keys[7] = Odd(keys[5], keys[6]);
        keys[8] = Even(keys[6], X86Aes.KeygenAssist(keys[7], 0x08));
        keys[9] = Odd(keys[7], keys[8]);
        keys[10] = Even(keys[8], X86Aes.KeygenAssist(keys[9], 0x10));
        keys[11] = Odd(keys[9], keys[10]);
        keys[12] = Even(keys[10], X86Aes.KeygenAssist(keys[11], 0x20));
        keys[13] = Odd(keys[11], keys[12]);
        keys[14] = Even(keys[12], X86Aes.KeygenAssist(keys[13], 0x40));

        Span<Vector128<byte>> backward = keys[(Rounds + 1)..];
        backward[0] = keys[Rounds];
        for (int round = 1; round < Rounds; round++)
        {
            backward[round] = X86Aes.InverseMixColumns(keys[Rounds - round]);
        }

        backward[Rounds] = keys[0];
    }

    /// <summary>FIPS 197 §5.2, i mod 8 = 0: rotated, substituted, with the round constant.</summary>
    private static Vector128<byte> Even(Vector128<byte> previous, Vector128<byte> assist) =>
        Accumulate(previous) ^ X86Sse2.Shuffle(assist.AsInt32(), 0xFF).AsByte();

    /// <summary>FIPS 197 §5.2, i mod 8 = 4: substituted only.</summary>
    private static Vector128<byte> Odd(Vector128<byte> previous, Vector128<byte> latest) =>
        Accumulate(previous) ^ X86Sse2.Shuffle(X86Aes.KeygenAssist(latest, 0x00).AsInt32(), 0xAA).AsByte();

    /// <summary>Each word with all the words before it.</summary>
    private static Vector128<byte> Accumulate(Vector128<byte> words)
    {
        words ^= X86Sse2.ShiftLeftLogical128BitLane(words, 4);
        return words ^ X86Sse2.ShiftLeftLogical128BitLane(words, 8);
    }
}
