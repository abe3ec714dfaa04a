using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>A short secret that unlocks custody: a key, a PIN, the scalar of a recovery key. Pinned, zeroed on dispose.</summary>
public sealed class CustodySecret : IDisposable
{
    private readonly byte[] _octets;
    private bool _disposed;

    /// <summary>Copies <paramref name="octets"/>; the original stays with the caller, who zeroes it.</summary>
    public CustodySecret(ReadOnlySpan<byte> octets)
    {
        _octets = GC.AllocateUninitializedArray<byte>(octets.Length, pinned: true);
        octets.CopyTo(_octets);
    }

    /// <summary>Octets of the secret.</summary>
    public int Length => _octets.Length;

    internal ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    /// <summary>For filling it in place.</summary>
    internal Span<byte> Writable
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    /// <summary>Copies the secret out; the caller zeroes the copy.</summary>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    public void Export(Span<byte> destination) => Span.CopyTo(destination);

    /// <summary>Random octets.</summary>
    internal static CustodySecret Random(int length)
    {
        CustodySecret secret = new(new byte[length]);
        RandomNumberGenerator.Fill(secret._octets);
        return secret;
    }

    /// <summary>Zeroes the secret.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_octets);
        _disposed = true;
    }

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(CustodySecret);
}
