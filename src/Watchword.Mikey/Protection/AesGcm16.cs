using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Watchword.Mikey.Protection;

/// <summary>
/// AES-GCM (SP 800-38D) with an IV of any length and a tag of 16 octets. <see cref="AesGcm"/> of .NET takes IVs of 12 octets
/// only, and those of MCData protected payloads have 16 (TS 33.180 8.5.4): there the first counter block is GHASH of the IV.
/// </summary>
/// <remarks>
/// Constant time: AES is that of the platform, GHASH has no table and no branch. One object may serve several threads.
/// </remarks>
internal sealed class AesGcm16 : IDisposable
{
    public const int TagSizeInBytes = 16;

    private const int BlockSize = 16;
    private const int ShortIvSize = 12;
    private const int BatchSize = 64 * BlockSize;

    private readonly Aes _cipher = Aes.Create();
    private readonly byte[] _hashSubkey = GC.AllocateArray<byte>(BlockSize, pinned: true);
    private readonly Hash _hash;
    private volatile bool _disposed;

    /// <param name="key">16 or 32 octets.</param>
    public AesGcm16(ReadOnlySpan<byte> key)
        : this(key, X86CarrylessMultiplication.IsSupported ? HashOf<X86CarrylessMultiplication>
            : ArmCarrylessMultiplication.IsSupported ? HashOf<ArmCarrylessMultiplication>
            : HashOf<PortableCarrylessMultiplication>)
    {
    }

    private AesGcm16(ReadOnlySpan<byte> key, Hash hash)
    {
        if (key.Length is not (16 or 32))
        {
            throw new ArgumentException("The key has 16 or 32 octets.", nameof(key));
        }

        _hash = hash;
        _cipher.SetKey(key);
        EncryptBlocks(_hashSubkey, _hashSubkey);
    }

    private delegate void Hash(
        ReadOnlySpan<byte> hashSubkey, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long firstLength, Span<byte> block);

    /// <summary>
    /// As the constructor, with the multiplication named: for tests of the paths that this processor would not choose.
    /// </summary>
    public static AesGcm16 Create<TMultiplication>(ReadOnlySpan<byte> key)
        where TMultiplication : struct, ICarrylessMultiplication => new(key, HashOf<TMultiplication>);

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="iv">At least 1 octet, never twice under one key.</param>
    /// <param name="plaintext">The plain text.</param>
    /// <param name="ciphertext">As long as the plain text; the same memory or memory apart from it.</param>
    /// <param name="tag">Exactly 16 octets.</param>
    /// <param name="associatedData">Authenticated only.</param>
    public void Encrypt(
        ReadOnlySpan<byte> iv,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        Require(iv, plaintext.Length, ciphertext.Length, tag.Length);
        Span<byte> first = stackalloc byte[BlockSize];
        FirstCounter(iv, first);
        Count(first, plaintext, ciphertext);
        Authenticate(first, associatedData, ciphertext, tag);
    }

    /// <summary>Checks the tag and decrypts. False, and a destination of zeros, if the tag is wrong.</summary>
    public bool TryDecrypt(
        ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        Require(iv, plaintext.Length, ciphertext.Length, tag.Length);
        Span<byte> first = stackalloc byte[BlockSize];
        Span<byte> expected = stackalloc byte[TagSizeInBytes];
        FirstCounter(iv, first);
        Authenticate(first, associatedData, ciphertext, expected);
        bool right = CryptographicOperations.FixedTimeEquals(expected, tag);
        CryptographicOperations.ZeroMemory(expected);
        if (!right)
        {
            plaintext.Clear();
            return false;
        }

        Count(first, ciphertext, plaintext);
        return true;
    }

    public void Dispose()
    {
        _disposed = true;
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_hashSubkey);
    }

    private void Require(ReadOnlySpan<byte> iv, int plaintext, int ciphertext, int tag)
    {
        // Aes of .NET would make itself a new key after its disposal.
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (iv.IsEmpty || plaintext != ciphertext || tag != TagSizeInBytes)
        {
            throw new ArgumentException("An IV of at least 1 octet, cipher text as long as plain text, a tag of 16 octets.");
        }
    }

    /// <summary>GHASH(first, padded || second, padded || the two lengths), SP 800-38D §7.1 step 5 and §7.1 step 2.</summary>
    private static void HashOf<TMultiplication>(
        ReadOnlySpan<byte> hashSubkey, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long firstLength, Span<byte> block)
        where TMultiplication : struct, ICarrylessMultiplication
    {
        Ghash<TMultiplication> hash = new(hashSubkey);
        hash.Update(first);
        hash.Update(second);
        hash.UpdateLengths(firstLength, second.Length);
        hash.Write(block);
    }

    /// <summary>J_0 (§7.1 step 2): IV || 1 for 12 octets, otherwise GHASH(IV, padded || 0^64 || length of IV).</summary>
    private void FirstCounter(ReadOnlySpan<byte> iv, Span<byte> block)
    {
        if (iv.Length == ShortIvSize)
        {
            iv.CopyTo(block);
            BinaryPrimitives.WriteUInt32BigEndian(block[ShortIvSize..], 1);
        }
        else
        {
            _hash(_hashSubkey, default, iv, 0, block);
        }
    }

    private void Authenticate(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> tag)
    {
        Span<byte> mask = stackalloc byte[BlockSize];
        EncryptBlocks(first, mask);
        _hash(_hashSubkey, associatedData, ciphertext, associatedData.Length, tag);
        for (int i = 0; i < tag.Length; i++)
        {
            tag[i] ^= mask[i];
        }

        CryptographicOperations.ZeroMemory(mask);
    }

    /// <summary>GCTR (§6.5) from the block after J_0; the last 32 bits count and wrap.</summary>
    private void Count(ReadOnlySpan<byte> first, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Span<byte> stream = stackalloc byte[BatchSize];
        uint counter = BinaryPrimitives.ReadUInt32BigEndian(first[ShortIvSize..]);
        for (int done = 0; done < source.Length; done += BatchSize)
        {
            int length = Math.Min(BatchSize, source.Length - done);
            int blocks = (length + BlockSize - 1) / BlockSize;
            for (int i = 0; i < blocks; i++)
            {
                Span<byte> block = stream.Slice(i * BlockSize, BlockSize);
                first[..ShortIvSize].CopyTo(block);
                BinaryPrimitives.WriteUInt32BigEndian(block[ShortIvSize..], unchecked(++counter));
            }

            EncryptBlocks(stream[..(blocks * BlockSize)], stream);
            for (int i = 0; i < length; i++)
            {
                destination[done + i] = (byte)(source[done + i] ^ stream[i]);
            }
        }

        CryptographicOperations.ZeroMemory(stream);
    }

    [SuppressMessage("Security", "CA5358", Justification = "GCM is defined over single blocks of the cipher.")]
    private void EncryptBlocks(ReadOnlySpan<byte> source, Span<byte> destination) =>
        _cipher.EncryptEcb(source, destination, PaddingMode.None);
}
