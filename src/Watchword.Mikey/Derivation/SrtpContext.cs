using System.Buffers.Binary;

namespace Watchword.Mikey;

/// <summary>The form of the MKI of group media (TS 33.180 7.4.2).</summary>
public enum GroupMkiForm
{
    /// <summary>GMK-ID || GUK-ID, 8 octets: what deployed peers send.</summary>
    GmkIdAndGukId = 0,

    /// <summary>GUK-ID alone, 4 octets.</summary>
    GukId = 1,
}

/// <summary>
/// What an SRTP library needs of one stream (RFC 3711 §8.1): master key and salt of AEAD_AES_128_GCM (RFC 7714), the MKI that its
/// packets carry, and how the roll-over counter travels. Private and group contexts are of media, and off network of its control
/// as well; unicast and multicast contexts are of floor control (MCPTT) and transmission control (MCVideo) over SRTCP.
/// </summary>
public sealed class SrtpContext : IDisposable
{
    private readonly SrtpKeys _keys;
    private readonly byte[] _mki;

    private SrtpContext(McCryptoSession session, SrtpKeys keys, byte[] mki)
    {
        Session = session;
        _keys = keys;
        _mki = mki;
    }

    /// <summary>The crypto session whose keys these are.</summary>
    public McCryptoSession Session { get; }

    /// <summary>
    /// The MKI: the identifier of the key, 4 octets; for a group 8 (see <see cref="GroupMkiForm"/>). A receiver finds the context
    /// by it.
    /// </summary>
    public ReadOnlyMemory<byte> Mki => _mki;

    /// <summary>
    /// Every how many packets of media carry the roll-over counter in a trailer (RFC 4771, TS 33.180 E.2.2): 1 for a group,
    /// because its members join late; 0, none, otherwise.
    /// </summary>
    public int RolloverCounterRate { get; private init; }

    /// <summary>A private call: PCK, its identifier is CSB ID and MKI (TS 33.180 7.4.1).</summary>
    /// <param name="pck">The PCK.</param>
    /// <param name="pckId">Its identifier.</param>
    /// <param name="session">One of the four sessions of private calls: who sends.</param>
    /// <param name="random">RAND of the message that carried the key, 16 to 255 octets.</param>
    /// <exception cref="ArgumentException">
    /// An identifier or a session of another purpose, an empty key, a RAND of another size.
    /// </exception>
    public static SrtpContext ForPrivateCall(
        ReadOnlySpan<byte> pck, uint pckId, McCryptoSession session, ReadOnlySpan<byte> random)
    {
        Require(UserKeyId.PurposeOf(pckId) is KeyPurpose.Pck, nameof(pckId));
        Require(session is >= McCryptoSession.McpttPrivateInitiator and <= McCryptoSession.McVideoPrivateReceiver,
            nameof(session));
        return new SrtpContext(session, SrtpKeys.Derive(pck, session, pckId, random), Octets(pckId));
    }

    /// <summary>A group call: GMK; the CSB ID is the GUK-ID of the user who transmits (TS 33.180 7.4.2).</summary>
    /// <param name="gmk">The GMK.</param>
    /// <param name="gmkId">Its identifier.</param>
    /// <param name="gukId">
    /// The GUK-ID of the user who transmits: his own by <see cref="UserKeyId.Of"/>, that of another from the MKI of his packets.
    /// </param>
    /// <param name="session">The session of MCPTT or MCVideo groups.</param>
    /// <param name="random">RAND of the message that carried the key, 16 to 255 octets.</param>
    /// <param name="form">The form of the MKI.</param>
    /// <exception cref="ArgumentException">As for a private call.</exception>
    public static SrtpContext ForGroup(
        ReadOnlySpan<byte> gmk,
        uint gmkId,
        uint gukId,
        McCryptoSession session,
        ReadOnlySpan<byte> random,
        GroupMkiForm form = GroupMkiForm.GmkIdAndGukId)
    {
        Require(UserKeyId.PurposeOf(gmkId) is KeyPurpose.Gmk, nameof(gmkId));
        Require(UserKeyId.PurposeOf(gukId) is KeyPurpose.Gmk, nameof(gukId));
        Require(session is McCryptoSession.McpttGroup or McCryptoSession.McVideoGroup, nameof(session));
        byte[] mki = form switch
        {
            GroupMkiForm.GmkIdAndGukId => [.. Octets(gmkId), .. Octets(gukId)],
            GroupMkiForm.GukId => Octets(gukId),
            _ => throw new ArgumentOutOfRangeException(nameof(form)),
        };
        return new SrtpContext(session, SrtpKeys.Derive(gmk, session, gukId, random), mki) { RolloverCounterRate = 1 };
    }

    /// <summary>
    /// Floor or transmission control by unicast, between client and server under the CSK, between servers under the SPK (TS
    /// 33.180 9.4).
    /// </summary>
    /// <param name="key">The CSK or SPK.</param>
    /// <param name="keyId">Its identifier, which is CSB ID and MKI.</param>
    /// <param name="session">The CSK session of MCPTT or MCVideo.</param>
    /// <param name="random">
    /// RAND of the message that carried the CSK, or what is configured with an SPK; 16 to 255 octets.
    /// </param>
    /// <exception cref="ArgumentException">As for a private call.</exception>
    public static SrtpContext ForUnicastControl(
        ReadOnlySpan<byte> key, uint keyId, McCryptoSession session, ReadOnlySpan<byte> random)
    {
        Require(UserKeyId.PurposeOf(keyId) is KeyPurpose.Csk or KeyPurpose.Spk, nameof(keyId));
        Require(session is McCryptoSession.CskMcpttSrtcp or McCryptoSession.CskMcVideoSrtcp, nameof(session));
        return new SrtpContext(session, SrtpKeys.Derive(key, session, keyId, random), Octets(keyId));
    }

    /// <summary>
    /// Floor or transmission control by multicast: MuSiK, or where no MuSiK is associated the MKFC of a group or the MSCCK of a
    /// subchannel (TS 33.180 9.4, TS 24.380 13.1), which have no session of their own and take that of the MuSiK.
    /// </summary>
    /// <param name="key">The MuSiK, MKFC or MSCCK.</param>
    /// <param name="keyId">Its identifier, which is CSB ID and MKI.</param>
    /// <param name="session">The MuSiK session of MCPTT or MCVideo.</param>
    /// <param name="random">RAND of the message that carried the key, 16 to 255 octets.</param>
    /// <exception cref="ArgumentException">As for a private call.</exception>
    public static SrtpContext ForMulticastControl(
        ReadOnlySpan<byte> key, uint keyId, McCryptoSession session, ReadOnlySpan<byte> random)
    {
        Require(UserKeyId.PurposeOf(keyId) is KeyPurpose.Musik or KeyPurpose.Mkfc or KeyPurpose.Mscck, nameof(keyId));
        Require(session is McCryptoSession.MusikMcpttSrtcp or McCryptoSession.MusikMcVideoSrtcp, nameof(session));
        return new SrtpContext(session, SrtpKeys.Derive(key, session, keyId, random), Octets(keyId));
    }

    /// <summary>Copies out the master key.</summary>
    /// <param name="destination">Exactly 16 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The context was disposed.</exception>
    public void ExportMasterKey(Span<byte> destination) => _keys.ExportMasterKey(destination);

    /// <summary>Copies out the master salt.</summary>
    /// <param name="destination">Exactly 12 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The context was disposed.</exception>
    public void ExportMasterSalt(Span<byte> destination) => _keys.ExportMasterSalt(destination);

    /// <summary>Erases the keys.</summary>
    public void Dispose() => _keys.Dispose();

    private static void Require(bool fits, string name)
    {
        if (!fits)
        {
            throw new ArgumentException("An identifier or a session of another purpose.", name);
        }
    }

    private static byte[] Octets(uint keyId)
    {
        byte[] octets = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, keyId);
        return octets;
    }
}
