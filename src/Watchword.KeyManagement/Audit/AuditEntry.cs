namespace Watchword.KeyManagement.Audit;

/// <summary>What one audit record reports.</summary>
public enum AuditKind
{
    /// <summary>Something happened to the master secrets of a domain: a generation was created.</summary>
    Custody = 0,

    /// <summary>A key set is about to be issued. Committed before any key of the user exists.</summary>
    Intent = 1,

    /// <summary>What became of an intent. Committed before the key set leaves the KMS.</summary>
    Outcome = 2,

    /// <summary>A request of an authenticated requester was refused.</summary>
    Denied = 3,

    /// <summary>Something was done to a partner of a domain, a migration grant or a redirect report; or time changed the list of
    /// partner certificates.</summary>
    Partner = 20,
}

/// <summary>
/// The content of an audit record, without its place in the chain. Holds no key and no token: of a key set only the UID and a
/// hash of its public validation token (PVT).
/// </summary>
public sealed class AuditEntry
{
    /// <summary>What is reported.</summary>
    public required AuditKind Kind { get; init; }

    /// <summary>The security domain, by its KMS URI.</summary>
    public required string KmsUri { get; init; }

    /// <summary>Generation of the master secrets, 1 for the first.</summary>
    public required int Generation { get; init; }

    /// <summary>Ties the record to the request, its log lines and the answer that the requester saw.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Who vouched for the requester; null where there was no requester.</summary>
    public string? Issuer { get; init; }

    /// <summary>The requester as the issuer names him.</summary>
    public string? Subject { get; init; }

    /// <summary>The identity to be keyed, octet by octet as it enters the UID (TS 33.180 F.2.1).</summary>
    public string? UserUri { get; init; }

    /// <summary>The services or the role under which the identity was asserted, for example <c>mcptt mcvideo</c>.</summary>
    public string? Service { get; init; }

    /// <summary>Number of the key period.</summary>
    public long? KeyPeriodNumber { get; init; }

    /// <summary>The UID, 32 octets, or empty.</summary>
    public ReadOnlyMemory<byte> UserId { get; init; }

    /// <summary>SHA-256 over the 65 octets of the PVT, or empty.</summary>
    public ReadOnlyMemory<byte> PublicTokenHash { get; init; }

    /// <summary>For an outcome: the sequence number of its intent.</summary>
    public long? IntentSequence { get; init; }

    /// <summary>0 for success (and for an intent); otherwise the stable number of the error.</summary>
    public int Result { get; init; }
}
