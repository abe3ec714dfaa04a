using System.Text.Json;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Between rows and the KMS's own types, field by field.</summary>
internal static class RowMapping
{
    public static DomainRow ToRow(this DomainRecord domain) => new()
    {
        KmsUri = domain.KmsUri,
        Generation = domain.Generation,
        SecretsGeneration = domain.SecretsGeneration,
        PeriodSeconds = domain.Schedule.PeriodSeconds,
        OffsetSeconds = domain.Schedule.OffsetSeconds,
        PublicAuthenticationKey = domain.PublicAuthenticationKey,
        PublicEncryptionKey = domain.PublicEncryptionKey,
        CertUri = domain.CertUri,
        Issuer = domain.Issuer,
        Domains = JsonSerializer.Serialize(domain.Domains),
        IsLabData = domain.IsLabData,
        ValidFrom = domain.ValidFrom?.ToUnixTimeMilliseconds(),
        ValidTo = domain.ValidTo?.ToUnixTimeMilliseconds(),
        State = domain.State,
        CreatedAt = domain.CreatedAt.ToUnixTimeMilliseconds(),
        StateChangedAt = domain.StateChangedAt.ToUnixTimeMilliseconds(),
    };

    /// <exception cref="KmsException">The row does not hold what this KMS wrote.</exception>
    public static DomainRecord ToRecord(this DomainRow row)
    {
        try
        {
            return new DomainRecord
            {
                KmsUri = row.KmsUri,
                Generation = row.Generation,
                SecretsGeneration = row.SecretsGeneration,
                Schedule = new KeyPeriodSchedule(row.PeriodSeconds, row.OffsetSeconds),
                PublicAuthenticationKey = row.PublicAuthenticationKey,
                PublicEncryptionKey = row.PublicEncryptionKey,
                CertUri = row.CertUri,
                Issuer = row.Issuer,
                Domains = JsonSerializer.Deserialize<string[]>(row.Domains) ?? [],
                IsLabData = row.IsLabData,
                ValidFrom = Time(row.ValidFrom),
                ValidTo = Time(row.ValidTo),
                State = row.State,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
                StateChangedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.StateChangedAt),
            };
        }
        catch (Exception fault) when (fault is ArgumentException or JsonException)
        {
            throw new KmsException(KmsError.StoreUnavailable, "the domain in the store is damaged", fault);
        }
    }

    public static IssuanceRow ToRow(this IssuanceRecord issued, long outcome) => new()
    {
        KmsUri = issued.KmsUri,
        Generation = issued.Generation,
        SecretsGeneration = issued.SecretsGeneration,
        PeriodNumber = issued.PeriodNumber,
        UserUri = issued.UserUri,
        Issuer = issued.Issuer,
        Subject = issued.Subject,
        UserId = issued.UserId.ToArray(),
        PublicTokenHash = issued.PublicTokenHash.ToArray(),
        FirstOutcome = outcome,
        LastOutcome = outcome,
    };

    public static AuditRecord ToRecord(this AuditRow row)
    {
        AuditEntry entry = new()
        {
            Kind = (AuditKind)row.Kind,
            KmsUri = row.KmsUri,
            Generation = row.Generation,
            CorrelationId = row.CorrelationId,
            Issuer = row.Issuer,
            Subject = row.Subject,
            Role = row.Role,
            UserUri = row.UserUri,
            Service = row.Service,
            KeyPeriodNumber = row.KeyPeriodNumber,
            UserId = row.UserId,
            PublicTokenHash = row.PublicTokenHash,
            IntentSequence = row.IntentSequence,
            Result = row.Result,
            Detail = row.Detail,
            KeySets = KeySetColumn.Read(row.KeySets),
        };
        return AuditRecord.Restore(
            row.Format, row.Sequence, row.PreviousHash, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), entry, row.Hash);
    }

    public static SubjectRecord ToRecord(this SubjectRow row) => new(
        row.Issuer, row.Subject, row.State, Time(row.TokensEndedAt), row.Epoch,
        DateTimeOffset.FromUnixTimeMilliseconds(row.ChangedAt));

    public static IssuerEvents ToRecord(this IssuerEventsRow row) =>
        new(row.Issuer, row.Epoch, row.Sequence, row.LastId, row.SnapshotComplete, Time(row.CompleteAt));

    public static CheckpointRow ToRow(this AuditCheckpoint checkpoint) => new()
    {
        Sequence = checkpoint.Sequence,
        Hash = checkpoint.Hash.ToArray(),
        Time = checkpoint.Time.ToUnixTimeMilliseconds(),
        KeyId = checkpoint.KeyId,
        Signature = checkpoint.Signature.ToArray(),
    };

    public static AuditCheckpoint ToRecord(this CheckpointRow row) =>
        new(row.Sequence, row.Hash, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), row.KeyId, row.Signature);

    public static IdentityOverrideRow ToRow(this IdentityOverride allowed, long now) => new()
    {
        UserId = allowed.UserId.ToArray(),
        Issuer = allowed.Issuer,
        Subject = allowed.Subject,
        KmsUri = allowed.KmsUri,
        UserUri = allowed.UserUri,
        PeriodNumber = allowed.PeriodNumber,
        ByIssuer = allowed.OrderedBy.Issuer,
        BySubject = allowed.OrderedBy.Subject,
        ByRole = allowed.OrderedBy.Role,
        CreatedAt = now,
    };

    public static TransportKeyClient ToRecord(this TransportKeyClientRow row) => new()
    {
        KmsUri = row.KmsUri,
        UserUri = row.UserUri,
        ClientId = row.ClientId,
        State = row.State,
        StateChangedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.StateChangedAt),
        LastSeenAt = Time(row.LastSeenAt),
        IsExportable = row.IsExportable,
        WrapProfile = row.WrapProfile,
        LastNumber = row.LastNumber,
        Pairs =
        [
            .. row.Pairs.OrderBy(pair => pair.Number).Select(pair => new TransportKeyPair(
                pair.Number, pair.TransportKeyId, pair.IntegrityKeyId, pair.State, pair.Sealed, pair.Fingerprint,
                DateTimeOffset.FromUnixTimeMilliseconds(pair.CreatedAt), Time(pair.ReplacedAt))),
        ],
    };

    public static TransportKeyPairRow ToRow(this TransportKeyPair pair) => new()
    {
        Number = pair.Number,
        TransportKeyId = pair.TransportKeyId,
        IntegrityKeyId = pair.IntegrityKeyId,
        State = pair.State,
        Sealed = pair.Sealed.ToArray(),
        Fingerprint = pair.Fingerprint,
        CreatedAt = pair.CreatedAt.ToUnixTimeMilliseconds(),
        ReplacedAt = pair.ReplacedAt?.ToUnixTimeMilliseconds(),
    };

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}
