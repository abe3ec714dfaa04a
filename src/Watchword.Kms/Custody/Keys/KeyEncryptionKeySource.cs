using System.Buffers.Text;
using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// Key-encryption keys in the memory of the process: from a key file, from a passphrase through PBKDF2-HMAC-SHA-512, or a key
/// file's key recombined from shares.
/// </summary>
public sealed class KeyEncryptionKeySource : IKeyEncryptionKeySource
{
    private const int MinPassphraseOctets = 12;

    private readonly IUnlockSource? _unlock;
    private readonly string? _path;

    private KeyEncryptionKeySource(string kind, string? path, IUnlockSource? unlock)
    {
        Kind = kind;
        _path = path;
        _unlock = unlock;
    }

    /// <inheritdoc/>
    public string Kind { get; }

    /// <summary>A file of exactly 32 octets, or of their base64 with at most a line end behind it; reachable by its owner
    /// only.</summary>
    public static KeyEncryptionKeySource FromKeyFile(string path) => new(KeyEncryptionKeyKinds.KeyFile, path, null);

    /// <summary>A file with a passphrase of at least 12 octets; one line end behind it does not count; reachable by its owner
    /// only.</summary>
    public static KeyEncryptionKeySource FromPassphraseFile(string path) => new(KeyEncryptionKeyKinds.Passphrase, path, null);

    /// <summary>The key of a key file that was split: what it wrapped opens without re-wrapping.</summary>
    /// <param name="shares">Completes with the 32 octets once enough shares are given.</param>
    public static KeyEncryptionKeySource FromShares(IUnlockSource shares) => new(KeyEncryptionKeyKinds.KeyFile, null, shares);

    /// <summary>Writes a new random key file of mode 0600. Never overwrites.</summary>
    public static void CreateKeyFile(string path)
    {
        using CustodySecret key = CustodySecret.Random(LocalKeyEncryptionKey.SizeInBytes);
        GuardedFile.WriteNew(path, key.Span);
    }

    /// <summary>Reads a key file, to split it; the caller disposes the key.</summary>
    public static CustodySecret ReadKeyFile(string path)
    {
        Span<byte> key = stackalloc byte[LocalKeyEncryptionKey.SizeInBytes];
        byte[] content = GuardedFile.Read(path, SecretFile.MaxFileOctets);
        try
        {
            DecodeKey(content, key, path);
            return new CustodySecret(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <inheritdoc/>
    public async Task<IKeyEncryptionKey> OpenAsync(
        KeyEncryptionKeyParameters? stored, CancellationToken cancellationToken = default)
    {
        if (_unlock is not null)
        {
            using CustodySecret recombined = await _unlock.OpenAsync(cancellationToken).ConfigureAwait(false);
            return FromKey(recombined);
        }

        if (Kind == KeyEncryptionKeyKinds.KeyFile)
        {
            using CustodySecret key = ReadKeyFile(_path!);
            return FromKey(key);
        }

        return FromPassphrase(stored ?? new KeyEncryptionKeyParameters(
            KeyEncryptionKeyKinds.Passphrase,
            KeyId: null,
            RandomNumberGenerator.GetBytes(KeyEncryptionKeyParameters.SaltSizeInBytes),
            KeyEncryptionKeyParameters.MinIterations));
    }

    private static LocalKeyEncryptionKey FromKey(CustodySecret key) => key.Length == LocalKeyEncryptionKey.SizeInBytes
        ? new LocalKeyEncryptionKey(key.Span, new KeyEncryptionKeyParameters(KeyEncryptionKeyKinds.KeyFile, KeyId: null))
        : throw new KmsException(KmsError.KeyEncryptionKeyMalformed, "the shares are not of a key-encryption key");

    private LocalKeyEncryptionKey FromPassphrase(KeyEncryptionKeyParameters parameters)
    {
        Span<byte> key = stackalloc byte[LocalKeyEncryptionKey.SizeInBytes];
        byte[] content = GuardedFile.Read(_path!, SecretFile.MaxFileOctets);
        try
        {
            ReadOnlySpan<byte> passphrase = SecretFile.WithoutLineEnd(content);
            if (passphrase.Length < MinPassphraseOctets)
            {
                throw new KmsException(KmsError.KeyEncryptionKeyMalformed, _path);
            }

            Rfc2898DeriveBytes.Pbkdf2(passphrase, parameters.Salt, key, parameters.Iterations!.Value, HashAlgorithmName.SHA512);
            return new LocalKeyEncryptionKey(key, parameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static void DecodeKey(ReadOnlySpan<byte> content, Span<byte> key, string path)
    {
        if (content.Length == key.Length)
        {
            content.CopyTo(key);
            return;
        }

        ReadOnlySpan<byte> text = SecretFile.WithoutLineEnd(content);
        if (text.Length != Base64.GetMaxEncodedToUtf8Length(key.Length)
            || Base64.DecodeFromUtf8(text, key, out int consumed, out int written) != System.Buffers.OperationStatus.Done
            || consumed != text.Length
            || written != key.Length)
        {
            throw new KmsException(KmsError.KeyEncryptionKeyMalformed, path);
        }
    }
}
