using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// The SRTP master key (16 octets) and master salt (12 octets) of one crypto session, for AEAD_AES_128_GCM (RFC 7714), derived from
/// a MIKEY key by RFC 3830 §4.1.3 with PRF-HMAC-SHA-256 (TS 33.180 7.4).
/// </summary>
/// <remarks>The master key is the TEK of RFC 3830, so it takes the TEK constant and not that of the encryption key.</remarks>
public sealed class SrtpKeys : IDisposable
{
    /// <summary>The size of the SRTP master key.</summary>
    public const int MasterKeySizeInBytes = 16;

    /// <summary>The size of the SRTP master salt.</summary>
    public const int MasterSaltSizeInBytes = 12;

    private const uint TekConstant = 0x2AD01C64;
    private const uint SaltConstant = 0x39A2C14B;

    private readonly byte[] _key = GC.AllocateArray<byte>(MasterKeySizeInBytes, pinned: true);
    private readonly byte[] _salt = GC.AllocateArray<byte>(MasterSaltSizeInBytes, pinned: true);
    private bool _disposed;

    private SrtpKeys()
    {
    }

    /// <summary>Derives the keys of a crypto session.</summary>
    /// <param name="trafficGeneratingKey">The key that the message carried (TGK): PCK, GMK, CSK or MuSiK.</param>
    /// <param name="session">The crypto session.</param>
    /// <param name="csbId">The CSB ID: for a private call the PCK-ID.</param>
    /// <param name="random">The RAND of the message that carried the key, 16 to 255 octets.</param>
    /// <exception cref="ArgumentException">An empty key, an unknown session, or a RAND of another size.</exception>
    public static SrtpKeys Derive(
        ReadOnlySpan<byte> trafficGeneratingKey, McCryptoSession session, uint csbId, ReadOnlySpan<byte> random)
    {
        if (trafficGeneratingKey.IsEmpty)
        {
            throw new ArgumentException("The key is empty.", nameof(trafficGeneratingKey));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)session, (uint)McCryptoSession.MusikMcVideoSrtcp, nameof(session));
        if (random.Length is < MikeyRandom.RandomSizeInBytes or > byte.MaxValue)
        {
            throw new ArgumentException("RAND has 16 to 255 octets.", nameof(random));
        }

        // label = constant(4) || CS-ID(1) || CSB-ID(4) || RAND (RFC 3830 §4.1.3)
        Span<byte> label = stackalloc byte[9 + random.Length];
        label[4] = (byte)session;
        BinaryPrimitives.WriteUInt32BigEndian(label[5..], csbId);
        random.CopyTo(label[9..]);

        SrtpKeys keys = new();
        BinaryPrimitives.WriteUInt32BigEndian(label, TekConstant);
        MikeyPrf.Derive(trafficGeneratingKey, label, keys._key);
        BinaryPrimitives.WriteUInt32BigEndian(label, SaltConstant);
        MikeyPrf.Derive(trafficGeneratingKey, label, keys._salt);
        return keys;
    }

    /// <summary>Copies out the master key.</summary>
    /// <param name="destination">Exactly 16 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public void ExportMasterKey(Span<byte> destination) => Export(_key, destination);

    /// <summary>Copies out the master salt.</summary>
    /// <param name="destination">Exactly 12 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public void ExportMasterSalt(Span<byte> destination) => Export(_salt, destination);

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_salt);
    }

    private void Export(byte[] secret, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (destination.Length != secret.Length)
        {
            throw new ArgumentException($"The destination has exactly {secret.Length} octets.", nameof(destination));
        }

        secret.CopyTo(destination);
    }
}
