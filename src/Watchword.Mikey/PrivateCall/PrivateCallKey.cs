using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>One side of a private call.</summary>
/// <param name="Uri">The MC service ID, octet by octet as in the message.</param>
/// <param name="KmsUri">The KMS URI of the security domain.</param>
/// <param name="Uid">The UID of the key period that holds the message's time, 32 octets (TS 33.180 F.2.1).</param>
public sealed record MikeyParty(string Uri, string KmsUri, ReadOnlyMemory<byte> Uid);

/// <summary>
/// A private call key, PCK (TS 33.180 5.6): 16 secret octets with what belongs to them. PCK-ID is the CSB ID of the key
/// derivation and the MKI of the media (7.4.1); RAND is that of the message that carried the key.
/// </summary>
public sealed class PrivateCallKey : IDisposable
{
    /// <summary>The size of a PCK (TS 33.180 E.1.1).</summary>
    public const int SecretSizeInBytes = 16;

    private readonly byte[] _secret = GC.AllocateArray<byte>(SecretSizeInBytes, pinned: true);
    private readonly byte[] _random;
    private bool _disposed;

    internal PrivateCallKey(
        ReadOnlySpan<byte> secret, uint pckId, ReadOnlySpan<byte> random, MikeyParty initiator, MikeyParty receiver,
            DateTimeOffset time)
    {
        secret.CopyTo(_secret);
        _random = random.ToArray();
        PckId = pckId;
        Initiator = initiator;
        Receiver = receiver;
        Time = time;
    }

    /// <summary>The PCK-ID: purpose tag 1 in the 4 most significant bits and 28 random bits (TS 33.180 5.2.2).</summary>
    public uint PckId { get; }

    /// <summary>The RAND of the message, 16 octets or more.</summary>
    public ReadOnlyMemory<byte> Random => _random;

    /// <summary>Who made the key.</summary>
    public MikeyParty Initiator { get; }

    /// <summary>Whom it was made for.</summary>
    public MikeyParty Receiver { get; }

    /// <summary>The time T of the message.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Copies out the key.</summary>
    /// <param name="destination">Exactly 16 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSecret(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (destination.Length != SecretSizeInBytes)
        {
            throw new ArgumentException("The destination has exactly 16 octets.", nameof(destination));
        }

        _secret.CopyTo(destination);
    }

    /// <summary>Derives SRTP master key and salt of one direction of the call (TS 33.180 7.4.1).</summary>
    /// <param name="session">One of the four sessions of private calls.</param>
    /// <exception cref="ArgumentOutOfRangeException">A session of a group or of signalling.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SrtpKeys DeriveSrtpKeys(McCryptoSession session)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)session, (uint)McCryptoSession.McVideoPrivateReceiver,
            nameof(session));
        return SrtpKeys.Derive(_secret, session, PckId, _random);
    }

    /// <summary>Keys and MKI of one direction of the call (TS 33.180 7.4.1).</summary>
    /// <param name="session">One of the four sessions of private calls.</param>
    /// <exception cref="ArgumentException">A session of a group or of signalling.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SrtpContext DeriveSrtpContext(McCryptoSession session)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SrtpContext.ForPrivateCall(_secret, PckId, session, _random);
    }

    /// <summary>The cipher key of MCData payloads of the same two users (TS 33.180 8.5.3): the PCK is their DPPK.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public DataPayloadCipherKey DeriveDataPayloadCipherKey()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return DataPayloadCipherKey.Derive(_secret, PckId);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }
}
