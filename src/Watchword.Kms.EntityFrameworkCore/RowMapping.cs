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
        PeriodSeconds = domain.Schedule.PeriodSeconds,
        OffsetSeconds = domain.Schedule.OffsetSeconds,
        PublicAuthenticationKey = domain.PublicAuthenticationKey,
        PublicEncryptionKey = domain.PublicEncryptionKey,
        CertUri = domain.CertUri,
        Issuer = domain.Issuer,
        Domains = JsonSerializer.Serialize(domain.Domains),
        IsLabData = domain.IsLabData,
        CreatedAt = domain.CreatedAt.ToUnixTimeMilliseconds(),
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
                Schedule = new KeyPeriodSchedule(row.PeriodSeconds, row.OffsetSeconds),
                PublicAuthenticationKey = row.PublicAuthenticationKey,
                PublicEncryptionKey = row.PublicEncryptionKey,
                CertUri = row.CertUri,
                Issuer = row.Issuer,
                Domains = JsonSerializer.Deserialize<string[]>(row.Domains) ?? [],
                IsLabData = row.IsLabData,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
            };
        }
        catch (Exception fault) when (fault is ArgumentException or JsonException)
        {
            throw new KmsException(KmsError.StoreUnavailable, "the domain in the store is damaged", fault);
        }
    }

    public static AuditRow ToRow(this AuditRecord record) => new()
    {
        Sequence = record.Sequence,
        PreviousHash = record.PreviousHash.ToArray(),
        Time = record.Time.ToUnixTimeMilliseconds(),
        Kind = (int)record.Entry.Kind,
        KmsUri = record.Entry.KmsUri,
        Generation = record.Entry.Generation,
        CorrelationId = record.Entry.CorrelationId,
        Issuer = record.Entry.Issuer,
        Subject = record.Entry.Subject,
        UserUri = record.Entry.UserUri,
        Service = record.Entry.Service,
        KeyPeriodNumber = record.Entry.KeyPeriodNumber,
        UserId = record.Entry.UserId.ToArray(),
        PublicTokenHash = record.Entry.PublicTokenHash.ToArray(),
        IntentSequence = record.Entry.IntentSequence,
        Result = record.Entry.Result,
        Hash = record.Hash.ToArray(),
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
            UserUri = row.UserUri,
            Service = row.Service,
            KeyPeriodNumber = row.KeyPeriodNumber,
            UserId = row.UserId,
            PublicTokenHash = row.PublicTokenHash,
            IntentSequence = row.IntentSequence,
            Result = row.Result,
        };
        return AuditRecord.Restore(
            row.Sequence, row.PreviousHash, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), entry, row.Hash);
    }
}
