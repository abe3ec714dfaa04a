using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>Where a secret that unlocks custody comes from: a file, or shares that people give.</summary>
public interface IUnlockSource
{
    /// <summary>The secret, once it can be had; the caller disposes it.</summary>
    /// <exception cref="KmsException">It cannot be had.</exception>
    Task<CustodySecret> OpenAsync(CancellationToken cancellationToken = default);
}

/// <summary>A secret in a file of mode 0600, such as the PIN of a token; one line end behind it does not count.</summary>
public sealed class SecretFile(string path) : IUnlockSource
{
    internal const int MaxFileOctets = 4096;

    /// <inheritdoc/>
    public Task<CustodySecret> OpenAsync(CancellationToken cancellationToken = default)
    {
        byte[] content = GuardedFile.Read(path, MaxFileOctets);
        try
        {
            CustodySecret secret = new(WithoutLineEnd(content));
            return Task.FromResult(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    internal static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> content)
    {
        content = content is [.., (byte)'\n'] ? content[..^1] : content;
        return content is [.., (byte)'\r'] ? content[..^1] : content;
    }
}
