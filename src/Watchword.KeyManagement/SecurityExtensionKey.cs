using System.Security.Cryptography;

namespace Watchword.KeyManagement;

/// <summary>
/// A key of the security extension (TS 33.180 D.1): 256 bits that a KMS and one KM client share, under an id. It lies in pinned
/// memory that is zeroed on dispose. Either kind can sign: the <see cref="IntegrityKey"/>, or the <see cref="TransportKey"/>
/// where the client has no integrity key (D.2.2).
/// </summary>
public abstract class SecurityExtensionKey : IDisposable
{
    /// <summary>Length of a key in octets.</summary>
    public const int SizeInBytes = 32;

    /// <summary>Longest id in characters.</summary>
    public const int MaxIdLength = 256;

    private readonly byte[] _octets = GC.AllocateArray<byte>(SizeInBytes, pinned: true);
    private bool _disposed;

    private protected SecurityExtensionKey(string id)
    {
        if (!IsId(id))
        {
            throw new ArgumentException(
                $"A key id has 1 to {MaxIdLength} characters, none of them a control character.", nameof(id));
        }

        Id = id;
    }

    private protected SecurityExtensionKey(string id, ReadOnlySpan<byte> octets)
        : this(id)
    {
        if (octets.Length != SizeInBytes)
        {
            throw new ArgumentException($"A key has {SizeInBytes} octets.", nameof(octets));
        }

        octets.CopyTo(_octets);
    }

    /// <summary>
    /// Names the key in <c>TrK-ID</c>, <c>Signature-ID</c> and <c>ds:KeyName</c>, such as <c>tk.12.user@example.org</c>: kind,
    /// sequence number, user. Any string of 1 to 256 characters without control characters is taken; it is compared octet by
    /// octet.
    /// </summary>
    public string Id { get; }

    /// <summary>The key itself, for what computes with it.</summary>
    internal ReadOnlySpan<byte> Octets
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    /// <summary>True if the text can be the id of a key.</summary>
    public static bool IsId(string? text) =>
        text is { Length: > 0 and <= MaxIdLength } && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c >= '\uFFFE')
        && text[0] != ' ' && text[^1] != ' ';

    /// <summary>Writes the 32 octets.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key has been disposed.</exception>
    public void Export(Span<byte> destination)
    {
        if (destination.Length != SizeInBytes)
        {
            throw new ArgumentException($"The destination must have {SizeInBytes} octets.", nameof(destination));
        }

        Octets.CopyTo(destination);
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The type name: a key never prints its content.</summary>
    public override string ToString() => GetType().Name;

    /// <summary>Zeroes the key.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_octets);
    }

    private protected void Fill() => RandomNumberGenerator.Fill(_octets);
}
