namespace Watchword.KeyManagement.Administration;

/// <summary>The standing of a requester.</summary>
public sealed class SubjectView
{
    /// <summary>Who vouches for him.</summary>
    public required string Issuer { get; init; }

    /// <summary>His name with that issuer.</summary>
    public required string Subject { get; init; }

    /// <summary><c>enabled</c>, <c>disabled</c> or <c>removed</c>.</summary>
    public required string State { get; init; }

    /// <summary>Tokens issued in this second or before are void.</summary>
    public DateTimeOffset? TokensEndedAt { get; init; }

    /// <summary>When that came here; absent if nothing was ever said of him.</summary>
    public DateTimeOffset? ChangedAt { get; init; }
}

/// <summary>How far the events of an issuer are known.</summary>
public sealed class EventStreamView
{
    /// <summary>The issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>The run of event numbers.</summary>
    public required long Epoch { get; init; }

    /// <summary>All events up to this one are applied.</summary>
    public required long Sequence { get; init; }

    /// <summary>False between the first and the last page of a snapshot.</summary>
    public required bool SnapshotComplete { get; init; }

    /// <summary>Until when the issuer vouched that all his events are known here.</summary>
    public DateTimeOffset? CompleteAt { get; init; }
}

/// <summary>Which requester.</summary>
public sealed class SubjectRequest
{
    /// <summary>Who vouches for him.</summary>
    public required string Issuer { get; init; }

    /// <summary>His name with that issuer.</summary>
    public required string Subject { get; init; }
}

/// <summary>That an identity which moved may be keyed for its new holder within the current key period.</summary>
public sealed class IdentityOverrideRequest
{
    /// <summary>The identity.</summary>
    public required string UserUri { get; init; }

    /// <summary>Who vouches for the new holder.</summary>
    public required string Issuer { get; init; }

    /// <summary>The new holder.</summary>
    public required string Subject { get; init; }

    /// <summary>A time within the key period; absent for now.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public required string Reason { get; init; }
}

/// <summary>What an override allowed, or would allow.</summary>
public sealed class IdentityOverrideResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The key period.</summary>
    public required long KeyPeriodNumber { get; init; }

    /// <summary>How many identities it concerns.</summary>
    public required long AffectedIdentities { get; init; }
}

/// <summary>The KMS in a few words.</summary>
public sealed class KmsStatusView
{
    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Its clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Names this instance.</summary>
    public string? Instance { get; init; }

    /// <summary><c>sqlite</c> or <c>postgreSql</c>.</summary>
    public required string Store { get; init; }

    /// <summary>Kind of the key-encryption key.</summary>
    public required string Custody { get; init; }

    /// <summary>False while custody is sealed.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>True if this is a lab.</summary>
    public required bool IsLab { get; init; }

    /// <summary>Results of the health checks, by name: <c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required IReadOnlyDictionary<string, string> Health { get; init; }

    /// <summary>The domains that this node serves.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>The role in which the caller came.</summary>
    public required string Role { get; init; }
}
