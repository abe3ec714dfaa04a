using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>Octets that the garbage collector never copies and that are zeroed on dispose.</summary>
internal sealed class PinnedSecret(int length) : IDisposable
{
    private readonly byte[] _octets = GC.AllocateArray<byte>(length, pinned: true);
    private volatile bool _disposed;

    public PinnedSecret(ReadOnlySpan<byte> content)
        : this(content.Length) => content.CopyTo(_octets);

    public int Length => _octets.Length;

    /// <summary>The octets themselves; not to be kept.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    /// <summary>Copies the octets out.</summary>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    public void Export(Span<byte> destination)
    {
        ReadOnlySpan<byte> octets = Span;
        if (destination.Length != octets.Length)
        {
            throw new ArgumentException($"The destination has exactly {octets.Length} octets.", nameof(destination));
        }

        octets.CopyTo(destination);
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_octets);
    }
}
