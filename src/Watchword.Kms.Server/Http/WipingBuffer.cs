using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// A buffer for an answer with keys: pinned, and zeroed when it grows and when it is disposed. The buffers of TLS and of the
/// kernel that the octets pass through afterwards are not within reach.
/// </summary>
internal sealed class WipingBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialOctets = 16 * 1024;
    private const int MostKept = 64;

    /// <summary>Buffers of <see cref="InitialOctets"/>, all zero, for the next answers: pinned memory costs the collector by the
    /// piece.</summary>
    private static readonly ConcurrentQueue<byte[]> Kept = new();

    private byte[] _octets = Kept.TryDequeue(out byte[]? kept) ? kept : GC.AllocateArray<byte>(InitialOctets, pinned: true);
    private int _length;

    public ReadOnlyMemory<byte> Written => _octets.AsMemory(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _octets.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _octets.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        byte[] octets = Interlocked.Exchange(ref _octets, []);
        CryptographicOperations.ZeroMemory(octets);
        _length = 0;
        if (octets.Length == InitialOctets && Kept.Count < MostKept)
        {
            Kept.Enqueue(octets);
        }
    }

    private void Reserve(int sizeHint)
    {
        int needed = checked(_length + Math.Max(sizeHint, 1));
        if (needed <= _octets.Length)
        {
            return;
        }

        byte[] larger = GC.AllocateArray<byte>(Math.Max(needed, _octets.Length * 2), pinned: true);
        _octets.AsSpan(0, _length).CopyTo(larger);
        CryptographicOperations.ZeroMemory(_octets);
        _octets = larger;
    }
}
