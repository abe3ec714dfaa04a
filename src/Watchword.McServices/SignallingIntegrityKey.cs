using System.Security.Cryptography;
using Watchword.McServices.Protection;

namespace Watchword.McServices;

/// <summary>
/// The key that signs bodies in SIP with HMAC-SHA-256 (TS 33.180 9.3.5), as derived from a CSK or SPK with FC 0x52 (F.1.4).
/// </summary>
public sealed class SignallingIntegrityKey : IDisposable
{
    /// <summary>The size of the key.</summary>
    public const int SizeInBytes = SignallingSecret.SizeInBytes;

    private readonly SignallingSecret _secret;

    /// <summary>Takes a copy of a derived key.</summary>
    /// <param name="key">16 octets. The caller erases them.</param>
    /// <param name="xpkId">The identifier of the CSK or SPK of which the key was derived.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    public SignallingIntegrityKey(ReadOnlySpan<byte> key, uint xpkId)
    {
        _secret = new SignallingSecret(key);
        XpkId = xpkId;
    }

    /// <summary>The CSK-ID or SPK-ID.</summary>
    public uint XpkId { get; }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _secret.Dispose();

    internal void Mac(ReadOnlySpan<byte> octets, Span<byte> mac) => HMACSHA256.HashData(_secret.Octets, octets, mac);
}
