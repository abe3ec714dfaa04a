using System.Security.Cryptography;

namespace Watchword.Client;

/// <summary>Octets that the garbage collector never copies and that are zeroed on dispose.</summary>
internal sealed class PinnedSecret : IDisposable
{
    private readonly byte[] _octets;
    private bool _disposed;

    public PinnedSecret(int length)
    {
        _octets = GC.AllocateArray<byte>(length, pinned: true);
    }

    public PinnedSecret(ReadOnlySpan<byte> content)
        : this(content.Length)
    {
        content.CopyTo(_octets);
    }

    public int Length => _octets.Length;

    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    /// <summary>For interfaces that only take an array or memory; the caller must not keep it.</summary>
    public byte[] Array
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    public static PinnedSecret Random(int length)
    {
        PinnedSecret secret = new(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_octets);
        _disposed = true;
    }
}
