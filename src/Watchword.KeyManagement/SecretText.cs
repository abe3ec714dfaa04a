using System.Buffers;
using System.Security.Cryptography;

namespace Watchword.KeyManagement;

/// <summary>Text that holds keys, as UTF-8 octets in pinned memory that is zeroed on dispose.</summary>
public sealed class SecretText : IDisposable, IBufferWriter<byte>
{
    private readonly byte[] _octets;
    private int _length;
    private bool _disposed;

    internal SecretText(int capacity) => _octets = GC.AllocateArray<byte>(capacity, pinned: true);

    /// <summary>The octets, valid until the text is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The text has been disposed.</exception>
    public ReadOnlySpan<byte> Utf8
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets.AsSpan(0, _length);
        }
    }

    /// <summary>Zeroes the octets.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_octets);
    }

    /// <summary>The type name: secret text never prints its content.</summary>
    public override string ToString() => nameof(SecretText);

    void IBufferWriter<byte>.Advance(int count) => _length = checked(_length + count);

    // The capacities are chosen for the longest text there is: running out of it is a defect, and the array would say so.
    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint) => _octets.AsMemory(_length);

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => _octets.AsSpan(_length);
}
