using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>One secret under AES-256-GCM. Public octets.</summary>
/// <param name="Nonce">12 random octets.</param>
/// <param name="Ciphertext">As long as the secret.</param>
/// <param name="Tag">16 octets.</param>
internal sealed record SealedSecret(byte[] Nonce, byte[] Ciphertext, byte[] Tag)
{
    public const int NonceSizeInBytes = 12;
    public const int TagSizeInBytes = 16;

    public delegate void Export(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData);

    /// <summary>Seals what exports itself under a key only.</summary>
    public static SealedSecret Seal(AesGcm key, int size, byte[] associatedData, Export export)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceSizeInBytes);
        byte[] ciphertext = new byte[size];
        byte[] tag = new byte[TagSizeInBytes];
        export(key, nonce, ciphertext, tag, associatedData);
        return new SealedSecret(nonce, ciphertext, tag);
    }

    public static SealedSecret Seal(AesGcm key, ReadOnlySpan<byte> secret, byte[] associatedData)
    {
        SealedSecret sealedSecret = new(
            RandomNumberGenerator.GetBytes(NonceSizeInBytes), new byte[secret.Length], new byte[TagSizeInBytes]);
        key.Encrypt(sealedSecret.Nonce, secret, sealedSecret.Ciphertext, sealedSecret.Tag, associatedData);
        return sealedSecret;
    }

    /// <exception cref="CryptographicException">It does not open.</exception>
    public void Open(AesGcm key, Span<byte> secret, byte[] associatedData) =>
        key.Decrypt(Nonce, Ciphertext, Tag, secret, associatedData);

    /// <summary>False unless every length is right: a shortened tag would weaken the seal.</summary>
    public bool Fits(int size) =>
        Nonce?.Length == NonceSizeInBytes && Ciphertext?.Length == size && Tag?.Length == TagSizeInBytes;
}
