using System.Security.Cryptography;

namespace Watchword.Cryptography;

/// <summary>Secret octets in memory that the garbage collector does not copy; overwritten with zeros on disposal.</summary>
internal sealed class SecretOctets : IDisposable
{
    private readonly byte[] octets;
    private bool disposed;

    public SecretOctets(int length) => octets = GC.AllocateArray<byte>(length, pinned: true);

    public SecretOctets(ReadOnlySpan<byte> secret)
        : this(secret.Length) => secret.CopyTo(octets);

    /// <summary>The octets themselves; not to be kept.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return octets;
        }
    }

    /// <summary>AES-GCM of the octets: the form in which master secrets leave the process.</summary>
    public void Seal(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        ArgumentNullException.ThrowIfNull(key);
        Lengths.RequireDestination(ciphertext.Length, octets.Length, nameof(ciphertext));
        key.Encrypt(nonce, Span, ciphertext, tag, associatedData);
    }

    /// <summary>The octets of an AES-GCM ciphertext of exactly <paramref name="length"/> octets.</summary>
    /// <exception cref="CryptographicException">The length is wrong, or the tag does not match.</exception>
    public static SecretOctets Open(
        int length, AesGcm key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (ciphertext.Length != length)
        {
            throw new CryptographicException($"A sealed secret of this kind has {length} octets.");
        }

        SecretOctets secret = new(length);
        try
        {
            key.Decrypt(nonce, ciphertext, tag, secret.Span, associatedData);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(octets);
        disposed = true;
    }
}
