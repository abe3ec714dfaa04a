using Watchword.Identity;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>What a key that is made is for, and from when until when.</summary>
public sealed record ServiceKeyTerms
{
    /// <summary>The MC group IDs; of a GMK, MKFC or MuSiK only.</summary>
    public IReadOnlyList<string> GroupIds { get; init; } = [];

    /// <summary>From when on it is used to send, in seconds; null for now. Until then the key before it is used.</summary>
    public DateTimeOffset? Activation { get; init; }

    /// <summary>From when on it is not used any more, in seconds; null for never.</summary>
    public DateTimeOffset? Expiry { get; init; }

    /// <summary>A name for people to read, at most 256 characters.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>Whether the key is shared with a security gateway (<see cref="KeyStatus.SharedWithSecurityGateway"/>).</summary>
    public bool SharedWithSecurityGateway { get; init; }

    /// <summary>Which identity of a user makes the key; a network entity has one.</summary>
    public McService Service { get; init; } = McService.Mcptt;

    /// <summary>
    /// The KMS that the receivers are keyed by; null for what is known of each (TS 33.180 5.2.7). Its certificate is in the store.
    /// </summary>
    public string? ReceiverKmsUri { get; init; }

    /// <summary>Whether to add the key for the own other devices or replicas (TS 33.180 5.2.5).</summary>
    public bool SakkeToSelf { get; init; }

    /// <summary>Whether UIDs stand in place of the URIs (TS 33.180 5.2.6).</summary>
    public bool HideIdentities { get; init; }

    /// <summary>
    /// The crypto sessions of a GENERIC-ID map; empty for the empty map and the default profile (TS 33.180 E.1.3).
    /// </summary>
    public IReadOnlyList<McCryptoSession> Sessions { get; init; } = [];
}
