using System.Buffers.Text;
using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>Where the key-encryption key comes from: a key file, or a passphrase file through PBKDF2-HMAC-SHA-512.</summary>
public sealed class KeyEncryptionKeySource
{
    private const int MinPassphraseOctets = 12;
    private const int MaxFileOctets = 4096;

    private readonly string _path;
    private readonly bool _isPassphrase;

    private KeyEncryptionKeySource(string path, bool isPassphrase)
    {
        _path = path;
        _isPassphrase = isPassphrase;
    }

    /// <summary>A file of exactly 32 octets, or of their base64 with at most a line end behind it; reachable by its owner
    /// only.</summary>
    public static KeyEncryptionKeySource FromKeyFile(string path) => new(path, isPassphrase: false);

    /// <summary>A file with a passphrase of at least 12 octets; one line end behind it does not count; reachable by its owner
    /// only.</summary>
    public static KeyEncryptionKeySource FromPassphraseFile(string path) => new(path, isPassphrase: true);

    /// <summary>Writes a new random key file of mode 0600. Never overwrites.</summary>
    public static void CreateKeyFile(string path)
    {
        byte[] key = GC.AllocateArray<byte>(KeyEncryptionKey.SizeInBytes, pinned: true);
        try
        {
            RandomNumberGenerator.Fill(key);
            GuardedFile.WriteNew(path, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The key for wrapping something new: a passphrase gets a new salt.</summary>
    internal KeyEncryptionKey CreateKey() => OpenKey(_isPassphrase ? KeyDerivation.NewPassphrase() : KeyDerivation.KeyFile);

    /// <summary>The key for what was wrapped under <paramref name="derivation"/>.</summary>
    internal KeyEncryptionKey OpenKey(KeyDerivation derivation)
    {
        if (_isPassphrase != (derivation.Kind == KeyDerivation.Pbkdf2))
        {
            string configured = _isPassphrase ? "passphrase" : "key file";
            throw new KmsException(
                KmsError.CustodyNotOpened, $"wrapped by way of {derivation.Kind}, but the configuration names a {configured}");
        }

        byte[] key = GC.AllocateArray<byte>(KeyEncryptionKey.SizeInBytes, pinned: true);
        byte[] content = GuardedFile.Read(_path, MaxFileOctets);
        try
        {
            if (_isPassphrase)
            {
                Rfc2898DeriveBytes.Pbkdf2(
                    Passphrase(content), derivation.Salt, key, derivation.Iterations!.Value, HashAlgorithmName.SHA512);
            }
            else
            {
                DecodeKey(content, key);
            }

            return new KeyEncryptionKey(key, derivation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private ReadOnlySpan<byte> Passphrase(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> passphrase = WithoutLineEnd(content);
        return passphrase.Length >= MinPassphraseOctets
            ? passphrase
            : throw new KmsException(KmsError.KeyEncryptionKeyMalformed, _path);
    }

    private void DecodeKey(ReadOnlySpan<byte> content, Span<byte> key)
    {
        if (content.Length == key.Length)
        {
            content.CopyTo(key);
            return;
        }

        ReadOnlySpan<byte> text = WithoutLineEnd(content);
        if (text.Length != Base64.GetMaxEncodedToUtf8Length(key.Length)
            || Base64.DecodeFromUtf8(text, key, out int consumed, out int written) != System.Buffers.OperationStatus.Done
            || consumed != text.Length
            || written != key.Length)
        {
            CryptographicOperations.ZeroMemory(key);
            throw new KmsException(KmsError.KeyEncryptionKeyMalformed, _path);
        }
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> content)
    {
        content = content is [.., (byte)'\n'] ? content[..^1] : content;
        return content is [.., (byte)'\r'] ? content[..^1] : content;
    }
}
