using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// Seals short secrets (transport keys, prepared key sets) that the store keeps, for one purpose in one domain. Thread-safe.
/// </summary>
/// <remarks>
/// One random AES-GCM nonce of 96 bits under one key is good for 2^32 messages (NIST SP 800-38D 8.3), which a national KMS that
/// prepares key sets every month comes near in its life. So each message has a key of its own: HKDF-Expand (RFC 5869 2.3) of the
/// sealing key over 24 random octets gives key and nonce. Two messages share them with probability 2^-96 after 2^48 messages.
/// <code>
/// sealed = version 0x01 | 24 random octets | ciphertext | 16 octets of tag
/// info   = "watchword-sealer-1" | the random octets
/// </code>
/// The purpose and the domain are in the sealing key's document; the context is associated data.
/// </remarks>
public sealed class SecretSealer : IDisposable
{
    /// <summary>Octets by which a sealed secret is longer than the secret.</summary>
    public const int OverheadInBytes = 1 + RandomOctets + SealedSecret.TagSizeInBytes;

    /// <summary>Longest secret, in octets.</summary>
    public const int MaxSecretOctets = 64 * 1024;

    private const byte Version = 1;
    private const int RandomOctets = 24;
    private const int MessageKeyOctets = 32;

    private readonly CustodySecret _key;

    internal SecretSealer(CustodySecret dataKey, CustodyPlace place)
    {
        Span<byte> key = stackalloc byte[LocalKeyEncryptionKey.SizeInBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, dataKey.Span, key, place.AssociatedData("sealer"));
        _key = new CustodySecret(key);
        CryptographicOperations.ZeroMemory(key);
    }

    private SecretSealer(ReadOnlySpan<byte> key) => _key = new CustodySecret(key);

    /// <summary>Tells the key without giving anything of it away: 16 hexadecimal digits.</summary>
    internal string KeyId
    {
        get
        {
            Span<byte> id = stackalloc byte[8];
            HKDF.Expand(HashAlgorithmName.SHA256, _key.Span, id, "watchword-sealer-id-1"u8);
            return Convert.ToHexStringLower(id);
        }
    }

    /// <summary>Seals a secret.</summary>
    /// <param name="secret">At most <see cref="MaxSecretOctets"/> octets.</param>
    /// <param name="context">Where it belongs, for example identity and client id, unambiguously joined; it opens with the same
    /// only.</param>
    public byte[] Seal(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxSecretOctets);
        byte[] sealedSecret = new byte[secret.Length + OverheadInBytes];
        sealedSecret[0] = Version;
        Span<byte> random = sealedSecret.AsSpan(1, RandomOctets);
        RandomNumberGenerator.Fill(random);
        Span<byte> message = stackalloc byte[MessageKeyOctets + SealedSecret.NonceSizeInBytes];
        using AesGcm cipher = CipherOf(random, message);
        cipher.Encrypt(
            message[MessageKeyOctets..],
            secret,
            sealedSecret.AsSpan(1 + RandomOctets, secret.Length),
            sealedSecret.AsSpan(1 + RandomOctets + secret.Length),
            context);
        CryptographicOperations.ZeroMemory(message);
        return sealedSecret;
    }

    /// <summary>Opens a sealed secret.</summary>
    /// <param name="sealedSecret">What <see cref="Seal"/> gave.</param>
    /// <param name="context">The same as then.</param>
    /// <param name="secret">Exactly <see cref="OverheadInBytes"/> shorter; the caller zeroes it. Zero if the call
    /// fails.</param>
    /// <exception cref="KmsException"><see cref="KmsError.SealedSecretNotOpened"/>.</exception>
    public void Open(ReadOnlySpan<byte> sealedSecret, ReadOnlySpan<byte> context, Span<byte> secret)
    {
        if (sealedSecret.Length != secret.Length + OverheadInBytes || sealedSecret[0] != Version)
        {
            throw new KmsException(KmsError.SealedSecretNotOpened);
        }

        Span<byte> message = stackalloc byte[MessageKeyOctets + SealedSecret.NonceSizeInBytes];
        using AesGcm cipher = CipherOf(sealedSecret.Slice(1, RandomOctets), message);
        try
        {
            cipher.Decrypt(
                message[MessageKeyOctets..],
                sealedSecret.Slice(1 + RandomOctets, secret.Length),
                sealedSecret[(1 + RandomOctets + secret.Length)..],
                secret,
                context);
        }
        catch (CryptographicException fault)
        {
            CryptographicOperations.ZeroMemory(secret);
            throw new KmsException(KmsError.SealedSecretNotOpened, innerException: fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }

    /// <summary>A sealer that takes both keys, this one and another, which the caller disposes: HKDF-Extract (RFC 5869 2.2) over
    /// this key with the other as salt, then HKDF-Expand.</summary>
    /// <param name="other">32 octets.</param>
    internal SecretSealer With(ReadOnlySpan<byte> other)
    {
        Span<byte> key = stackalloc byte[LocalKeyEncryptionKey.SizeInBytes];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, _key.Span, key, other, "watchword-sealer-with-1"u8);
            return new SecretSealer(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(SecretSealer);

    private AesGcm CipherOf(ReadOnlySpan<byte> random, Span<byte> message)
    {
        ReadOnlySpan<byte> label = "watchword-sealer-1"u8;
        Span<byte> info = stackalloc byte[label.Length + RandomOctets];
        label.CopyTo(info);
        random.CopyTo(info[label.Length..]);
        HKDF.Expand(HashAlgorithmName.SHA256, _key.Span, message, info);
        return new AesGcm(message[..MessageKeyOctets], SealedSecret.TagSizeInBytes);
    }
}
