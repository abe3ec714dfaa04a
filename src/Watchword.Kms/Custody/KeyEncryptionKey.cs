using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>The AES-256 key that wraps master secrets, and how it came about.</summary>
public sealed class KeyEncryptionKey : IDisposable
{
    /// <summary>Octets of the key.</summary>
    public const int SizeInBytes = 32;

    internal const int NonceSizeInBytes = 12;
    internal const int TagSizeInBytes = 16;

    internal KeyEncryptionKey(ReadOnlySpan<byte> key, KeyDerivation derivation)
    {
        Cipher = new AesGcm(key, TagSizeInBytes);
        Derivation = derivation;
    }

    internal AesGcm Cipher { get; }

    internal KeyDerivation Derivation { get; }

    /// <inheritdoc/>
    public void Dispose() => Cipher.Dispose();
}

/// <summary>How a key-encryption key comes from its source. Public values, stored beside what they wrap.</summary>
/// <param name="Kind">One of the constants of this type.</param>
/// <param name="Salt">For a passphrase: 32 random octets.</param>
/// <param name="Iterations">For a passphrase: PBKDF2 rounds.</param>
internal sealed record KeyDerivation(string Kind, byte[]? Salt, int? Iterations)
{
    public const string Direct = "key-file";
    public const string Pbkdf2 = "pbkdf2-hmac-sha512";
    public const int SaltSizeInBytes = 32;

    /// <summary>NIST SP 800-132 asks for as many as bearable; 600,000 is about half a second of one core.</summary>
    public const int MinIterations = 600_000;

    /// <summary>A changed file must not cost hours of processor time.</summary>
    public const int MaxIterations = 20_000_000;

    public static KeyDerivation KeyFile { get; } = new(Direct, null, null);

    public static KeyDerivation NewPassphrase() => new(Pbkdf2, RandomNumberGenerator.GetBytes(SaltSizeInBytes), MinIterations);

    public bool IsValid => Kind switch
    {
        Direct => Salt is null && Iterations is null,
        Pbkdf2 => Salt?.Length == SaltSizeInBytes && Iterations is >= MinIterations and <= MaxIterations,
        _ => false,
    };
}
