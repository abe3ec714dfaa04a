namespace Watchword.KeyManagement.Administration;

/// <summary>What a verification of the audit log found.</summary>
public sealed class AuditStateView
{
    /// <summary>True when every record holds.</summary>
    public required bool IsValid { get; init; }

    /// <summary>The first fault; absent when there is none.</summary>
    public string? Fault { get; init; }

    /// <summary>Sequence number at the first fault.</summary>
    public long? BrokenAt { get; init; }

    /// <summary>Records that hold.</summary>
    public required long Records { get; init; }

    /// <summary>Sequence number of the last record that holds.</summary>
    public required long HeadSequence { get; init; }

    /// <summary>Its hash, in hexadecimal digits.</summary>
    public required string HeadHash { get; init; }

    /// <summary>The last record that a checkpoint covers; 0 if there is none.</summary>
    public required long SignedUpTo { get; init; }

    /// <summary>Intents without an outcome.</summary>
    public required long OpenIntents { get; init; }
}

/// <summary>A signed checkpoint.</summary>
public sealed class CheckpointView
{
    /// <summary>The last record that it covers.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The key that signed it, SHA-256 over its SubjectPublicKeyInfo.</summary>
    public required string KeyId { get; init; }

    /// <summary>That key: SubjectPublicKeyInfo in DER.</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }
}

/// <summary>What is searched in the audit log. At least one of identity, period and subject.</summary>
public sealed class AuditQuery
{
    /// <summary>The identity.</summary>
    public string? UserUri { get; init; }

    /// <summary>The key period.</summary>
    public long? KeyPeriodNumber { get; init; }

    /// <summary>Whoever acted.</summary>
    public string? Subject { get; init; }

    /// <summary>Only in this domain.</summary>
    public string? KmsUri { get; init; }

    /// <summary>Behind this record.</summary>
    public long? After { get; init; }

    /// <summary>At most so many, 1 to 1000; 200 if absent.</summary>
    public int? Count { get; init; }
}

/// <summary>What was found.</summary>
public sealed class AuditQueryResult
{
    /// <summary>The records, the oldest first.</summary>
    public required IReadOnlyList<AuditHit> Records { get; init; }

    /// <summary>True if there may be more behind the last.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>One record of the audit log.</summary>
public sealed class AuditHit
{
    /// <summary>Its number.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What is reported.</summary>
    public required string Kind { get; init; }

    /// <summary>The domain; empty for the whole installation.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The generation; 0 for none.</summary>
    public required int Generation { get; init; }

    /// <summary>Who vouched for whoever acted.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whoever acted.</summary>
    public string? Subject { get; init; }

    /// <summary>In which role; absent for a requester of keys.</summary>
    public string? Role { get; init; }

    /// <summary>The identities concerned: of an outcome without error, those whose keys left the KMS.</summary>
    public required IReadOnlyList<string> UserUris { get; init; }

    /// <summary>The key period.</summary>
    public long? KeyPeriodNumber { get; init; }

    /// <summary>0, or the number of the error.</summary>
    public required int Result { get; init; }

    /// <summary>What else is to be known.</summary>
    public string? Detail { get; init; }

    /// <summary>Ties it to request and log.</summary>
    public required string CorrelationId { get; init; }
}
