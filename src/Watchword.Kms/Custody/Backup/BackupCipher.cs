using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// The encryption of a backup, <c>watchword-backup-1</c>. Hybrid: an ephemeral ECDH key on P-256 (NIST SP 800-56A) against the
/// recovery key, HKDF-SHA-256 (RFC 5869) with the whole header as salt, then AES-256-GCM in chunks:
/// <code>
/// header = "watchword-backup-1\n" | id of the recovery key, 16 octets | ephemeral point, 65 octets
/// chunk  = ciphertext of 65536 octets, of the last one 0 to 65536 | tag, 16 octets
/// nonce  = 7 zeros | number of the chunk, 32 bits, from 0 | 1 for the last chunk, else 0
/// </code>
/// The key is of this one backup, so counted nonces never repeat. A chunk moved, left out or cut off does not open.
/// </summary>
internal sealed class BackupCipher : IDisposable
{
    public const int ChunkOctets = 64 * 1024;
    public const int TagOctets = SealedSecret.TagSizeInBytes;
    public const int HeaderOctets = 19 + RecoveryPublicKey.KeyIdOctets + RecoveryPublicKey.SizeInBytes;

    private readonly AesGcm _cipher;
    private long _next;

    private BackupCipher(ReadOnlySpan<byte> agreement, ReadOnlySpan<byte> header)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, agreement, key, header, "watchword-backup-1"u8);
        _cipher = new AesGcm(key, TagOctets);
        CryptographicOperations.ZeroMemory(key);
    }

    private static ReadOnlySpan<byte> Magic => "watchword-backup-1\n"u8;

    public static (BackupCipher Cipher, byte[] Header) Create(RecoveryPublicKey recovery)
    {
        using ECDiffieHellman ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using ECDiffieHellman peer = recovery.Open();
        byte[] header = [.. Magic, .. recovery.Id, .. RecoveryPublicKey.Of(ephemeral).Point];
        byte[] agreement = ephemeral.DeriveRawSecretAgreement(peer.PublicKey);
        BackupCipher cipher = new(agreement, header);
        CryptographicOperations.ZeroMemory(agreement);
        return (cipher, header);
    }

    /// <exception cref="KmsException"><see cref="KmsError.BackupMalformed"/>, <see cref="KmsError.BackupNotOpened"/>.</exception>
    public static BackupCipher Open(ReadOnlySpan<byte> header, RecoveryPrivateKey recovery)
    {
        if (!header.StartsWith(Magic))
        {
            throw new KmsException(KmsError.BackupMalformed);
        }

        string keyId = Convert.ToHexStringLower(header.Slice(Magic.Length, RecoveryPublicKey.KeyIdOctets));
        if (keyId != recovery.PublicKey.KeyId)
        {
            throw new KmsException(KmsError.BackupNotOpened, $"it is under recovery key {keyId}, not {recovery.PublicKey.KeyId}");
        }

        try
        {
            byte[] agreement = recovery.Agree(RecoveryPublicKey.Import(header[(Magic.Length + RecoveryPublicKey.KeyIdOctets)..]));
            BackupCipher cipher = new(agreement, header);
            CryptographicOperations.ZeroMemory(agreement);
            return cipher;
        }
        catch (CryptographicException fault)
        {
            throw new KmsException(KmsError.BackupNotOpened, "the ephemeral key is no point", fault);
        }
    }

    public void Seal(ReadOnlySpan<byte> chunk, bool isLast, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[SealedSecret.NonceSizeInBytes];
        Next(nonce, isLast);
        _cipher.Encrypt(nonce, chunk, destination[..chunk.Length], destination.Slice(chunk.Length, TagOctets));
    }

    public void Open(ReadOnlySpan<byte> chunk, bool isLast, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[SealedSecret.NonceSizeInBytes];
        Next(nonce, isLast);
        try
        {
            _cipher.Decrypt(nonce, chunk[..^TagOctets], chunk[^TagOctets..], destination[..(chunk.Length - TagOctets)]);
        }
        catch (CryptographicException fault)
        {
            throw new KmsException(KmsError.BackupNotOpened, $"chunk {_next - 1} was changed, moved, or is not the last", fault);
        }
    }

    public void Dispose() => _cipher.Dispose();

    private void Next(Span<byte> nonce, bool isLast)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_next, uint.MaxValue);
        nonce.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[7..], (uint)_next);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        _next++;
    }
}
