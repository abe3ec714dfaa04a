using System.Collections.ObjectModel;

namespace Watchword.Mikey;

/// <summary>
/// A way in which a key is handed out in an I_MESSAGE, with the rules that belong to it: the purpose and so the tag of its
/// identifier, who makes it for whom, whether each receiver sees an identifier of his own, the crypto sessions and the SRTP
/// profile. The set is closed; one creator and one opener work on every member of it.
/// </summary>
public sealed class KeyDistribution
{
    private static readonly McCryptoSession[] _multicast = [McCryptoSession.MusikMcpttSrtcp, McCryptoSession.MusikMcVideoSrtcp];
    private static readonly McCryptoSession[] _unicast = [McCryptoSession.CskMcpttSrtcp, McCryptoSession.CskMcVideoSrtcp];

    private KeyDistribution(
        string name,
        KeyPurpose purpose,
        KeyEntity initiator,
        KeyEntity receiver,
        McCryptoSession[] sessions,
        MikeySecurityPolicy? policy = null)
    {
        Name = name;
        Purpose = purpose;
        Initiator = initiator;
        Receiver = receiver;
        Sessions = new ReadOnlyCollection<McCryptoSession>(sessions);
        DefaultPolicy = policy ?? MikeySecurityPolicy.PrivateCallDefault;
    }

    /// <summary>A GMK from the group management server to a member, under a GUK-ID of his own (TS 33.180 5.7, E.2).</summary>
    public static KeyDistribution Gmk { get; } = new(
        nameof(Gmk), KeyPurpose.Gmk, KeyEntity.GroupManagementServer, KeyEntity.Client,
        [McCryptoSession.McpttGroup, McCryptoSession.McVideoGroup], MikeySecurityPolicy.GroupDefault)
    {
        HasDiversity = true,
        HasGroups = true,
    };

    /// <summary>A PCK from the calling user to the called user (TS 33.180 5.6, E.3).</summary>
    public static KeyDistribution Pck { get; } = new(
        nameof(Pck), KeyPurpose.Pck, KeyEntity.Client, KeyEntity.Client,
        [
            McCryptoSession.McpttPrivateInitiator, McCryptoSession.McpttPrivateReceiver,
            McCryptoSession.McVideoPrivateInitiator, McCryptoSession.McVideoPrivateReceiver,
        ]);

    /// <summary>A CSK that the client uploads with its service authorisation (TS 33.180 5.4, E.4).</summary>
    public static KeyDistribution CskUpload { get; } = new(
        nameof(CskUpload), KeyPurpose.Csk, KeyEntity.Client, KeyEntity.McxServer, _unicast);

    /// <summary>A CSK that the MCX server replaces (TS 33.180 5.8, E.4).</summary>
    public static KeyDistribution CskDownload { get; } = new(
        nameof(CskDownload), KeyPurpose.Csk, KeyEntity.McxServer, KeyEntity.Client, _unicast);

    /// <summary>
    /// An SPK from one MCX server to another. TS 33.180 5.5 has the SPK configured; a message carries it to a server that cannot
    /// be.
    /// </summary>
    public static KeyDistribution Spk { get; } = new(
        nameof(Spk), KeyPurpose.Spk, KeyEntity.McxServer, KeyEntity.McxServer, _unicast);

    /// <summary>An MKFC from the group management server to a member, where no MuSiK is associated (TS 24.380 13.1).</summary>
    public static KeyDistribution Mkfc { get; } = new(
        nameof(Mkfc), KeyPurpose.Mkfc, KeyEntity.GroupManagementServer, KeyEntity.Client, _multicast)
    {
        HasGroups = true,
    };

    /// <summary>An MSCCK from the participating MCX server to a user: the form before MuSiK.</summary>
    public static KeyDistribution Mscck { get; } = new(
        nameof(Mscck), KeyPurpose.Mscck, KeyEntity.McxServer, KeyEntity.Client, _multicast);

    /// <summary>A MuSiK from the MCX server to a user (TS 33.180 5.8, E.4).</summary>
    public static KeyDistribution Musik { get; } = new(
        nameof(Musik), KeyPurpose.Musik, KeyEntity.McxServer, KeyEntity.Client, _multicast)
    {
        HasGroups = true,
    };

    /// <summary>All of them, in the order of their purpose tags.</summary>
    public static IReadOnlyList<KeyDistribution> All { get; } = [Gmk, Pck, CskUpload, CskDownload, Spk, Mkfc, Mscck, Musik];

    /// <summary>The name of the property that holds it.</summary>
    public string Name { get; }

    /// <summary>
    /// The purpose, which is the tag of the key's identifier (TS 33.180 5.2.2) and the key type of its parameters (E.6.1).
    /// </summary>
    public KeyPurpose Purpose { get; }

    /// <summary>Who makes the key and signs.</summary>
    public KeyEntity Initiator { get; }

    /// <summary>Whom the key is encrypted to.</summary>
    public KeyEntity Receiver { get; }

    /// <summary>
    /// Whether the CSB ID is an identifier of the receiver's own, UK-ID, instead of K-ID (TS 33.180 5.2.3): of a GMK only.
    /// </summary>
    public bool HasDiversity { get; private init; }

    /// <summary>Whether its parameters name groups (TS 33.180 table E.6.1-1).</summary>
    public bool HasGroups { get; private init; }

    /// <summary>The crypto sessions that a map may name (TS 33.180 table E.1.3-1).</summary>
    public IReadOnlyList<McCryptoSession> Sessions { get; }

    /// <summary>The SRTP profile that holds where the map is empty (TS 33.180 E.2.2, E.3.2, E.4.2).</summary>
    public MikeySecurityPolicy DefaultPolicy { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
