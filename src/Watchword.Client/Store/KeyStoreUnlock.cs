using System.Security.Cryptography;
using System.Text;

namespace Watchword.Client;

/// <summary>What opens a key store: a passphrase, or a file of 32 random octets that only its owner can read.</summary>
public sealed class KeyStoreUnlock : IDisposable
{
    /// <summary>Size of a key file in octets.</summary>
    public const int KeyFileSizeInBytes = 32;

    private const int MaxPassphraseOctets = 4096;
    private readonly PinnedSecret _secret;

    private KeyStoreUnlock(StoreUnlockKind kind, PinnedSecret secret)
    {
        Kind = kind;
        _secret = secret;
    }

    internal StoreUnlockKind Kind { get; }

    /// <summary>Copies a passphrase; the caller wipes his own buffer.</summary>
    public static KeyStoreUnlock FromPassphrase(ReadOnlySpan<char> passphrase)
    {
        int length = Encoding.UTF8.GetByteCount(passphrase);
        if (length is 0 or > MaxPassphraseOctets)
        {
            throw new ArgumentException($"A passphrase has 1 to {MaxPassphraseOctets} octets.", nameof(passphrase));
        }

        PinnedSecret secret = new(length);
        Encoding.UTF8.GetBytes(passphrase, secret.Span);
        return new KeyStoreUnlock(StoreUnlockKind.Passphrase, secret);
    }

    /// <summary>Reads a key file.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.KeyFileExposed"/>, <see cref="ClientFault.KeyFileUnusable"/>.</exception>
    public static KeyStoreUnlock FromKeyFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content = [];
        try
        {
            SecretFiles.RequireOwnerOnly(path, ClientFault.KeyFileExposed);
            content = SecretFiles.ReadPinned(path, KeyFileSizeInBytes);
            return content.Length == KeyFileSizeInBytes
                ? new KeyStoreUnlock(StoreUnlockKind.KeyFile, new PinnedSecret(content))
                : throw new WatchwordClientException(ClientFault.KeyFileUnusable, $"{path} has {content.Length} octets");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WatchwordClientException(ClientFault.KeyFileUnusable, path, inner: e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Makes a new key file of mode 0600; an existing file is left alone.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.KeyFileUnusable"/>.</exception>
    public static void CreateKeyFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using PinnedSecret key = PinnedSecret.Random(KeyFileSizeInBytes);
            using FileStream file = StoreFile.CreateOwnerOnly(path);
            file.Write(key.Span);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WatchwordClientException(ClientFault.KeyFileUnusable, path, inner: e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();

    /// <summary>The type's name, never the secret.</summary>
    public override string ToString() => nameof(KeyStoreUnlock);

    /// <summary>The key-encryption key for a store with this salt: PBKDF2-SHA-512 (SP 800-132), or HKDF-SHA-256 (RFC 5869) of a random key.</summary>
    internal PinnedSecret DeriveKey(ReadOnlySpan<byte> salt, int iterations)
    {
        PinnedSecret key = new(32);
        if (Kind == StoreUnlockKind.Passphrase)
        {
            Rfc2898DeriveBytes.Pbkdf2(_secret.Span, salt, key.Span, iterations, HashAlgorithmName.SHA512);
        }
        else
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret.Span, key.Span, salt, "Watchword key store 1: key file"u8);
        }

        return key;
    }
}

/// <summary>How a store is unlocked, as its second head octet says.</summary>
internal enum StoreUnlockKind
{
    None = 0,
    Passphrase = 1,
    KeyFile = 2,
}
