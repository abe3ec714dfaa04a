using System.Security.Cryptography;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography;

/// <summary>
/// The master secret from which a KMS derives v of RFC 6507 §5.1.1, so that an identity gets the same signing key again without
/// the KMS storing it: 32 random octets, independent of KSAK.
/// </summary>
/// <remarks>
/// v is the first output of 32 octets in 1..q-1 that gives HS and SSK other than 0 mod q, out of HMAC_DRBG with SHA-256 (SP
/// 800-90A Rev. 1 §10.1.2), instantiated with this key as entropy input, no nonce, and KPAK (65 octets) || identity as
/// personalization string; each request asks for 32 octets without additional input. KPAK has a fixed length, so the string is
/// unambiguous.
/// </remarks>
public sealed class EccsiDerivationKey : IDisposable
{
    /// <summary>Octets of a derivation key.</summary>
    public const int SizeInBytes = 32;

    private readonly SecretOctets secret;

    private EccsiDerivationKey(SecretOctets secret) => this.secret = secret;

    /// <summary>Makes a uniformly random derivation key.</summary>
    public static EccsiDerivationKey Generate()
    {
        SecretOctets secret = new(SizeInBytes);
        RandomNumberGenerator.Fill(secret.Span);
        return new EccsiDerivationKey(secret);
    }

    /// <summary>Takes a derivation key of 32 octets.</summary>
    /// <exception cref="CryptographicException">Not 32 octets.</exception>
    public static EccsiDerivationKey Import(ReadOnlySpan<byte> key) => key.Length == SizeInBytes
        ? new EccsiDerivationKey(new SecretOctets(key))
        : throw new CryptographicException($"A derivation key has {SizeInBytes} octets.");

    /// <summary>Takes a derivation key that <see cref="ExportSealed"/> sealed.</summary>
    /// <exception cref="CryptographicException">The seal does not open.</exception>
    public static EccsiDerivationKey ImportSealed(
        AesGcm key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData) =>
        new(SecretOctets.Open(SizeInBytes, key, nonce, ciphertext, tag, associatedData));

    /// <summary>Seals the key with AES-GCM: 32 octets of ciphertext and the tag.</summary>
    /// <exception cref="ArgumentException">A span has a wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSealed(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
        secret.Seal(key, nonce, ciphertext, tag, associatedData);

    /// <summary>Overwrites the secret with zeros.</summary>
    public void Dispose() => secret.Dispose();

    internal HmacDrbg CreateGenerator(EccsiPublicKey authority, ReadOnlySpan<byte> identity)
    {
        HmacDrbg generator = new(secret.Span, nonce: [], authority.Octets, identity);
        secret.RequireIntact();
        return generator;
    }
}
