namespace Watchword.Kms;

/// <summary>
/// A key that wraps the random data keys of custody and nothing else, so that it may live in a token that it never leaves.
/// Members may be called by several threads.
/// </summary>
public interface IKeyEncryptionKey : IDisposable
{
    /// <summary>Which key this is and how it is reached, to be stored beside what it wraps. Public.</summary>
    KeyEncryptionKeyParameters Parameters { get; }

    /// <summary>Wraps a data key.</summary>
    /// <param name="dataKey">32 octets.</param>
    /// <param name="associatedData">Where the data key belongs; it unwraps with the same only.</param>
    byte[] Wrap(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> associatedData);

    /// <summary>Unwraps a data key.</summary>
    /// <param name="wrapped">What <see cref="Wrap"/> gave.</param>
    /// <param name="associatedData">The same as then.</param>
    /// <param name="dataKey">32 octets, which the caller zeroes; zero if the call fails.</param>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyNotOpened"/>: changed, of another place, or of another
    /// key.</exception>
    void Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> associatedData, Span<byte> dataKey);
}

/// <summary>Reaches one key-encryption key, as the configuration names it.</summary>
public interface IKeyEncryptionKeySource
{
    /// <summary>One of <see cref="KeyEncryptionKeyKinds"/>.</summary>
    string Kind { get; }

    /// <summary>Opens the key. Where people unseal it, completes when they have.</summary>
    /// <param name="stored">The parameters of what is to be unwrapped, of the same kind; null to wrap something new.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The key, which the caller disposes. It may turn out to be another one than the stored
    /// <see cref="KeyEncryptionKeyParameters.KeyId"/> names.</returns>
    /// <exception cref="KmsException">The key cannot be had.</exception>
    Task<IKeyEncryptionKey> OpenAsync(
        KeyEncryptionKeyParameters? stored, CancellationToken cancellationToken = default);
}

/// <summary>The kinds of key-encryption keys, as they stand in custody documents.</summary>
public static class KeyEncryptionKeyKinds
{
    /// <summary>32 random octets, from a file or recombined from shares.</summary>
    public const string KeyFile = "key-file";

    /// <summary>From a passphrase by PBKDF2-HMAC-SHA-512.</summary>
    public const string Passphrase = "pbkdf2-hmac-sha512";

    /// <summary>An AES-256 key in a PKCS#11 token.</summary>
    public const string Pkcs11 = "pkcs11";
}

/// <summary>Which key-encryption key wrapped something. Public values, but not for free: changed ones only make opening
/// fail.</summary>
/// <param name="Kind">One of <see cref="KeyEncryptionKeyKinds"/>.</param>
/// <param name="KeyId">Tells keys of one kind apart, at most 128 characters; null in documents of the first format.</param>
/// <param name="Salt">For a passphrase: 32 random octets.</param>
/// <param name="Iterations">For a passphrase: PBKDF2 rounds.</param>
/// <param name="Mechanism">For a token: how it wraps.</param>
public sealed record KeyEncryptionKeyParameters(
    string Kind, string? KeyId, byte[]? Salt = null, int? Iterations = null, string? Mechanism = null)
{
    internal const int SaltSizeInBytes = 32;

    /// <summary>NIST SP 800-132 asks for as many as bearable; 600,000 is about half a second of one core.</summary>
    internal const int MinIterations = 600_000;

    /// <summary>A changed file must not cost hours of processor time.</summary>
    internal const int MaxIterations = 20_000_000;

    private const int MaxTextLength = 128;

    /// <summary>Kind and key, for people.</summary>
    public override string ToString() => KeyId is null ? Kind : $"{Kind} {KeyId}";

    internal bool IsValid => Kind is not null && KeyId is not { Length: > MaxTextLength } && Kind switch
    {
        KeyEncryptionKeyKinds.KeyFile => Salt is null && Iterations is null && Mechanism is null,
        KeyEncryptionKeyKinds.Passphrase =>
            Salt?.Length == SaltSizeInBytes && Iterations is >= MinIterations and <= MaxIterations && Mechanism is null,
        KeyEncryptionKeyKinds.Pkcs11 =>
            Salt is null && Iterations is null && KeyId is not null && Mechanism is { Length: > 0 and <= MaxTextLength },
        _ => false,
    };
}
