using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>That an identity's key of a period was issued to a requester. Holds no key.</summary>
/// <param name="KmsUri">The security domain.</param>
/// <param name="Generation">Generation of the domain.</param>
/// <param name="SecretsGeneration">Whose master secrets it uses.</param>
/// <param name="PeriodNumber">Number of the key period.</param>
/// <param name="UserUri">The identity, octet by octet.</param>
/// <param name="Issuer">Who vouched for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="UserId">The UID, 32 octets: it stands for domain, schedule, period and identity at once (F.2.1).</param>
/// <param name="PublicTokenHash">SHA-256 over the PVT, 32 octets; empty before the key exists.</param>
public sealed record IssuanceRecord(
    string KmsUri, int Generation, int SecretsGeneration, long PeriodNumber, string UserUri, string Issuer, string Subject,
    ReadOnlyMemory<byte> UserId, ReadOnlyMemory<byte> PublicTokenHash)
{
    /// <summary>Number of the grant under which an identity of another domain is keyed, which must still stand when this is
    /// recorded; null for an identity of the domain's own.</summary>
    public long? Grant { get; init; }
}

/// <summary>What must hold at the moment in which an issuance is recorded, besides that no requester gets an identity that
/// was keyed for another.</summary>
public sealed record IssuanceConditions
{
    /// <summary>When the requester's token was issued; null for a requester without token.</summary>
    public DateTimeOffset? TokenIssuedAt { get; init; }

    /// <summary>How old the issuer's last word may be that all his events are known here; null if it does not matter: by policy,
    /// or because he was just asked about this very token.</summary>
    public TimeSpan? LongestSilence { get; init; }
}

/// <summary>That a crypto officer lets an identity that moved be keyed for its new holder within the same key period.</summary>
/// <param name="KmsUri">The security domain.</param>
/// <param name="UserUri">The identity.</param>
/// <param name="PeriodNumber">The key period.</param>
/// <param name="UserId">The UID of that identity in that period.</param>
/// <param name="Issuer">Who vouches for the new holder.</param>
/// <param name="Subject">The new holder.</param>
/// <param name="OrderedBy">The officer.</param>
public sealed record IdentityOverride(
    string KmsUri, string UserUri, long PeriodNumber, ReadOnlyMemory<byte> UserId, string Issuer, string Subject,
    Authority OrderedBy);

/// <summary>What was issued to whom.</summary>
public interface IIssuanceStore
{
    /// <summary>Records the intent to issue, if it may be issued.</summary>
    /// <param name="intended">What is to be issued, for one requester.</param>
    /// <param name="intent">The audit entry, with all key sets.</param>
    /// <param name="conditions">What must hold.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <exception cref="KmsException">As <see cref="RecordIssuanceAsync"/>.</exception>
    Task<AuditRecord> BeginIssuanceAsync(
        IReadOnlyList<IssuanceRecord> intended, AuditEntry intent, IssuanceConditions conditions,
        CancellationToken cancellationToken = default);

    /// <summary>Records what was issued, with its outcome in the audit log, in one transaction which sees everything that any
    /// node has committed before.</summary>
    /// <param name="issued">What was issued, for one requester.</param>
    /// <param name="outcome">The audit entry, with all key sets.</param>
    /// <param name="conditions">What must hold.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <exception cref="KmsException">As <see cref="IAuditStore.AppendAuditAsync"/>;
    /// <see cref="KmsError.GenerationNotIssuing"/>; <see cref="KmsError.RequesterDisabled"/>;
    /// <see cref="KmsError.MigrationNotGranted"/>;
    /// <see cref="KmsError.IssuerSilent"/>; <see cref="KmsError.IdentityMoved"/>; <see cref="KmsError.RepeatDiffers"/> if the
    /// same UID was recorded with another PVT before. Nothing may leave then.</exception>
    Task<AuditRecord> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, AuditEntry outcome, IssuanceConditions conditions,
        CancellationToken cancellationToken = default);

    /// <summary>True if this identity's key of this period was issued to this very requester.</summary>
    Task<bool> WasIssuedAsync(
        string kmsUri, int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default);

    /// <summary>Allows an identity that moved to be keyed for its new holder. Once more changes nothing but the log.</summary>
    Task AddOverrideAsync(IdentityOverride allowed, AuditEntry entry, CancellationToken cancellationToken = default);
}
