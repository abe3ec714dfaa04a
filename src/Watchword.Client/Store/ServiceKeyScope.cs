using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>What keys of one purpose take each other's place in: a group, or the relation to a peer.</summary>
public sealed record ServiceKeyScope
{
    private ServiceKeyScope(string ownerUri, KeyPurpose purpose, string? groupId, string? peerUri) =>
        (OwnerUri, Purpose, GroupId, PeerUri) = (ownerUri, purpose, groupId, peerUri);

    /// <summary>The identity of this profile.</summary>
    public string OwnerUri { get; }

    /// <summary>The purpose.</summary>
    public KeyPurpose Purpose { get; }

    /// <summary>The MC group ID; null for a peer.</summary>
    public string? GroupId { get; }

    /// <summary>The peer's URI; null for a group.</summary>
    public string? PeerUri { get; }

    /// <summary>Keys of a group: GMK, or the MKFC or MuSiK of its control.</summary>
    /// <param name="ownerUri">The identity of this profile, octet by octet.</param>
    /// <param name="groupId">The MC group ID, octet by octet.</param>
    /// <param name="purpose">The purpose.</param>
    public static ServiceKeyScope ForGroup(string ownerUri, string groupId, KeyPurpose purpose = KeyPurpose.Gmk) =>
        new(ownerUri, purpose, groupId, null);

    /// <summary>Keys shared with one peer: CSK, SPK or PCK, and an MSCCK or MuSiK that names no group.</summary>
    /// <param name="ownerUri">The identity of this profile, octet by octet.</param>
    /// <param name="peerUri">The peer, octet by octet: for a client the MDSI, for a server the user.</param>
    /// <param name="purpose">The purpose.</param>
    public static ServiceKeyScope ForPeer(string ownerUri, string peerUri, KeyPurpose purpose = KeyPurpose.Csk) =>
        new(ownerUri, purpose, null, peerUri);

    internal bool Holds(ServiceKeyInfo key) =>
        key.Purpose == Purpose
        && string.Equals(key.OwnerUri, OwnerUri, StringComparison.Ordinal)
        && (GroupId is not null
            ? key.GroupIds.Contains(GroupId, StringComparer.Ordinal)
            : key.GroupIds.Count == 0 && string.Equals(key.PeerUri, PeerUri, StringComparison.Ordinal));
}
