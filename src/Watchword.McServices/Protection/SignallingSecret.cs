using System.Security.Cryptography;

namespace Watchword.McServices.Protection;

/// <summary>The 16 octets of a signalling key: pinned, zeroed on dispose.</summary>
internal sealed class SignallingSecret : IDisposable
{
    public const int SizeInBytes = 16;

    private readonly byte[] _octets = GC.AllocateArray<byte>(SizeInBytes, pinned: true);
    private volatile bool _disposed;

    public SignallingSecret(ReadOnlySpan<byte> key)
    {
        if (key.Length != SizeInBytes)
        {
            throw new ArgumentException("A signalling key has exactly 16 octets.", nameof(key));
        }

        key.CopyTo(_octets);
    }

    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ReadOnlySpan<byte> Octets
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_octets);
    }
}
