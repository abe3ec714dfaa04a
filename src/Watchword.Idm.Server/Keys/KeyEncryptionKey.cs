using System.Security.Cryptography;
using Watchword.Hosting;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.Keys;

/// <summary>
/// The key that seals the signing keys on disk: AES-256-GCM, from a key file or derived from a passphrase. Both files must be
/// readable by their owner alone.
/// </summary>
internal sealed class KeyEncryptionKey : IDisposable
{
    public const int SizeInBytes = 32;
    public const int SaltSizeInBytes = 16;
    public const int NonceSizeInBytes = 12;
    public const int TagSizeInBytes = 16;
    private const int PassphraseIterations = 600_000;
    private const int LeastPassphraseOctets = 12;
    private const int MostFileOctets = 4096;

    private readonly byte[] key = GC.AllocateArray<byte>(SizeInBytes, pinned: true);

    private KeyEncryptionKey()
    {
    }

    /// <summary>Opens the custody that the options name.</summary>
    /// <exception cref="IdmStartException">The file is missing, open to others, or not of its format.</exception>
    public static KeyEncryptionKey Open(CustodyOptions custody, ReadOnlySpan<byte> salt)
    {
        byte[] buffer = GC.AllocateArray<byte>(MostFileOctets + 1, pinned: true);
        try
        {
            ReadOnlySpan<byte> content = ReadPrivateFile((custody.KeyEncryptionKeyFile ?? custody.PassphraseFile)!, buffer);
            return custody.KeyEncryptionKeyFile is not null ? FromFile(content) : FromPassphrase(content, salt);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>Makes the key file where the options name one that does not exist yet.</summary>
    public static void CreateFileIfMissing(CustodyOptions custody)
    {
        if (custody.KeyEncryptionKeyFile is not { } path || File.Exists(path))
        {
            return;
        }

        Span<byte> fresh = stackalloc byte[SizeInBytes];
        RandomNumberGenerator.Fill(fresh);
        try
        {
            PrivateFiles.Create(path, fresh);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fresh);
        }
    }

    /// <summary>Encrypts: nonce, then ciphertext, then tag.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        byte[] output = new byte[NonceSizeInBytes + plaintext.Length + TagSizeInBytes];
        Span<byte> nonce = output.AsSpan(0, NonceSizeInBytes);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm cipher = new(key, TagSizeInBytes);
        cipher.Encrypt(nonce, plaintext, output.AsSpan(NonceSizeInBytes, plaintext.Length), output.AsSpan(^TagSizeInBytes..), associatedData);
        return output;
    }

    /// <summary>Decrypts into pinned memory that the caller wipes.</summary>
    /// <exception cref="CryptographicException">Wrong key, or the octets were changed.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedOctets, ReadOnlySpan<byte> associatedData)
    {
        if (sealedOctets.Length < NonceSizeInBytes + TagSizeInBytes)
        {
            throw new CryptographicException("The sealed octets are too short.");
        }

        byte[] plaintext = GC.AllocateArray<byte>(sealedOctets.Length - NonceSizeInBytes - TagSizeInBytes, pinned: true);
        using AesGcm cipher = new(key, TagSizeInBytes);
        cipher.Decrypt(
            sealedOctets[..NonceSizeInBytes],
            sealedOctets[NonceSizeInBytes..^TagSizeInBytes],
            sealedOctets[^TagSizeInBytes..],
            plaintext,
            associatedData);
        return plaintext;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(key);

    private static KeyEncryptionKey FromFile(ReadOnlySpan<byte> content)
    {
        KeyEncryptionKey result = new();
        if (content.Length == SizeInBytes)
        {
            content.CopyTo(result.key);
            return result;
        }

        ReadOnlySpan<byte> digits = content.TrimEnd("\r\n"u8);
        if (digits.Length == 2 * SizeInBytes
            && Convert.FromHexString(digits, result.key, out _, out _) == System.Buffers.OperationStatus.Done)
        {
            return result;
        }

        result.Dispose();
        throw new IdmStartException("The key-encryption key file must hold 32 octets or 64 hexadecimal digits.");
    }

    private static KeyEncryptionKey FromPassphrase(ReadOnlySpan<byte> content, ReadOnlySpan<byte> salt)
    {
        ReadOnlySpan<byte> passphrase = content.TrimEnd("\r\n"u8);
        if (passphrase.Length < LeastPassphraseOctets)
        {
            throw new IdmStartException($"The passphrase must have at least {LeastPassphraseOctets} characters.");
        }

        KeyEncryptionKey result = new();
        Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, result.key, PassphraseIterations, HashAlgorithmName.SHA256);
        return result;
    }

    private static ReadOnlySpan<byte> ReadPrivateFile(string path, byte[] buffer)
    {
        if (!File.Exists(path))
        {
            throw new IdmStartException($"The custody file {path} does not exist.");
        }

        // Unbuffered: the octets go into the caller's pinned memory and nowhere else. The mode is that of the file that is read,
        // also if the path is made to name another one meanwhile.
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (!OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(stream.SafeFileHandle) & HostingRules.ForbiddenModes(path)) != 0)
        {
            throw new IdmStartException($"The custody file {path} must be readable by its owner alone (mode 0600).");
        }

        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return read <= MostFileOctets
            ? buffer.AsSpan(0, read)
            : throw new IdmStartException($"The custody file {path} is longer than {MostFileOctets} octets.");
    }
}

/// <summary>Files that only their owner may read, written so that a crash leaves the old content or the new one.</summary>
internal static class PrivateFiles
{
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        using FileStream stream = new(path, Options(FileMode.CreateNew));
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        using (FileStream stream = new(temporary, Options(FileMode.Create)))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
