using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// A key that messages carry: 16 secret octets, the identifier K-ID, and RAND. All messages of one key carry the same RAND,
/// because the keys of media and control are derived over it (TS 33.180 7.4, RFC 3830 §4.1.3) and all members of a group must
/// derive the same.
/// </summary>
public sealed class MikeyKey : IDisposable
{
    /// <summary>The size of every key of MC services (TS 33.180 E.1.1).</summary>
    public const int SecretSizeInBytes = 16;

    private readonly byte[] _secret = GC.AllocateArray<byte>(SecretSizeInBytes, pinned: true);
    private readonly byte[] _random;
    private volatile bool _disposed;

    private MikeyKey(uint keyId, ReadOnlySpan<byte> random)
    {
        KeyId = keyId;
        _random = random.ToArray();
    }

    /// <summary>The purpose, from the tag of the identifier.</summary>
    public KeyPurpose Purpose => UserKeyId.PurposeOf(KeyId);

    /// <summary>
    /// K-ID: the purpose tag in the 4 most significant bits and 28 bits below (TS 33.180 5.2.2), never a UK-ID.
    /// </summary>
    public uint KeyId { get; }

    /// <summary>RAND, 16 octets or more.</summary>
    public ReadOnlyMemory<byte> Random => _random;

    internal ReadOnlyMemory<byte> Secret
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _secret;
        }
    }

    /// <summary>Draws a key, its identifier and RAND.</summary>
    /// <param name="purpose">The purpose. That the identifier is unique in the MC domain is for the caller to see to.</param>
    /// <exception cref="ArgumentOutOfRangeException">An undefined purpose.</exception>
    public static MikeyKey Generate(KeyPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)purpose, (uint)KeyPurpose.Musik, nameof(purpose));
        uint below = (uint)RandomNumberGenerator.GetInt32(1 << UserKeyId.BitsBelowTag);
        byte[] random = RandomNumberGenerator.GetBytes(MikeyRandom.RandomSizeInBytes);
        MikeyKey key = new(((uint)purpose << UserKeyId.BitsBelowTag) | below, random);
        RandomNumberGenerator.Fill(key._secret);
        return key;
    }

    /// <summary>Takes a key that exists: configured, or kept by whoever hands it to one more receiver.</summary>
    /// <param name="keyId">K-ID, with the tag of the purpose.</param>
    /// <param name="secret">16 octets.</param>
    /// <param name="random">RAND, 16 to 255 octets.</param>
    /// <exception cref="ArgumentException">An undefined tag, or another size.</exception>
    public static MikeyKey Import(uint keyId, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> random)
    {
        if (UserKeyId.PurposeOf(keyId) > KeyPurpose.Musik
            || secret.Length != SecretSizeInBytes
            || random.Length is < MikeyRandom.RandomSizeInBytes or > byte.MaxValue)
        {
            throw new ArgumentException("A defined purpose tag, a secret of 16 and a RAND of 16 to 255 octets.", nameof(keyId));
        }

        MikeyKey key = new(keyId, random);
        secret.CopyTo(key._secret);
        return key;
    }

    /// <summary>The identifier under which a receiver sees the key: UK-ID where there is diversity, K-ID elsewhere.</summary>
    /// <param name="userUri">The receiver's MC service ID.</param>
    /// <exception cref="ArgumentException">An empty or too long URI of a group member.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public uint IdFor(string userUri) => Purpose == KeyPurpose.Gmk ? UserKeyId.Of(KeyId, Secret.Span, userUri) : KeyId;

    /// <summary>Copies out the key.</summary>
    /// <param name="destination">Exactly 16 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSecret(Span<byte> destination)
    {
        ReadOnlySpan<byte> secret = Secret.Span;
        if (destination.Length != SecretSizeInBytes)
        {
            throw new ArgumentException("The destination has exactly 16 octets.", nameof(destination));
        }

        secret.CopyTo(destination);
    }

    /// <summary>Derives SRTP master key and salt of one crypto session (TS 33.180 7.4, 9.4).</summary>
    /// <param name="session">A session of this purpose.</param>
    /// <param name="transmitterId">
    /// The CSB ID of the derivation: for a GMK the GUK-ID of the user who transmits; otherwise K-ID, which null stands for.
    /// </param>
    /// <exception cref="ArgumentException">A session or an identifier of another purpose, or a GMK without GUK-ID.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SrtpKeys DeriveSrtpKeys(McCryptoSession session, uint? transmitterId = null)
    {
        uint csbId = transmitterId ?? (Purpose == KeyPurpose.Gmk
            ? throw new ArgumentException("The keys of a group are those of the user who transmits.", nameof(transmitterId))
            : KeyId);
        bool isOurs = Purpose == KeyPurpose.Gmk ? UserKeyId.PurposeOf(csbId) == KeyPurpose.Gmk : csbId == KeyId;
        if (!isOurs || !KeyDistribution.All.First(d => d.Purpose == Purpose).Sessions.Contains(session))
        {
            throw new ArgumentException("A session or an identifier of another purpose.", nameof(session));
        }

        return SrtpKeys.Derive(Secret.Span, session, csbId, _random);
    }

    /// <summary>Keys, MKI and rules of one crypto session for an SRTP library (TS 33.180 7.4, 9.4).</summary>
    /// <param name="session">A session of this purpose.</param>
    /// <param name="transmitterId">For a GMK the GUK-ID of the user who transmits; otherwise null.</param>
    /// <exception cref="ArgumentException">A session or an identifier of another purpose, or a GMK without GUK-ID.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SrtpContext DeriveSrtpContext(McCryptoSession session, uint? transmitterId = null)
    {
        ReadOnlySpan<byte> secret = Secret.Span;
        if (transmitterId is null == (Purpose == KeyPurpose.Gmk))
        {
            throw new ArgumentException("A GUK-ID belongs to a GMK, and only to that.", nameof(transmitterId));
        }

        return Purpose switch
        {
            KeyPurpose.Gmk => SrtpContext.ForGroup(secret, KeyId, transmitterId!.Value, session, _random),
            KeyPurpose.Pck => SrtpContext.ForPrivateCall(secret, KeyId, session, _random),
            KeyPurpose.Csk or KeyPurpose.Spk => SrtpContext.ForUnicastControl(secret, KeyId, session, _random),
            _ => SrtpContext.ForMulticastControl(secret, KeyId, session, _random),
        };
    }

    /// <summary>The cipher key of MCData payloads under this key as their DPPK (TS 33.180 8.5.3, F.1.5).</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public DataPayloadCipherKey DeriveDataPayloadCipherKey() => DataPayloadCipherKey.Derive(Secret.Span, KeyId);

    /// <summary>The keys of XML in SIP under this CSK or SPK (TS 33.180 9.3, F.1.4).</summary>
    /// <param name="userUri">The MC service ID of the user whose signalling is protected.</param>
    /// <param name="form">How the identifier enters.</param>
    /// <exception cref="ArgumentException">A key of another purpose, a URI that is empty or too long, or an unknown form.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SignallingKeys DeriveSignallingKeys(string userUri, XpkIdForm form = XpkIdForm.Octets) =>
        SignallingKeys.Derive(Secret.Span, KeyId, userUri, form);

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }
}
