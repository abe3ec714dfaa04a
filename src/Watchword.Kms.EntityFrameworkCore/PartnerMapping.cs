using System.Text.Json;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Between the rows of partners and the KMS's own types, field by field.</summary>
internal static class PartnerMapping
{
    public static PartnerRow ToRow(this PartnerRecord partner) => new()
    {
        Domain = partner.Domain,
        KmsUri = partner.KmsUri,
        Kind = partner.Kind,
        State = partner.State,
        IsLinked = partner.IsLinked,
        Certificate = partner.Certificate.ToArray(),
        Fingerprint = partner.Fingerprint.ToArray(),
        Address = partner.Address,
        IdentityDomains = JsonSerializer.Serialize(partner.IdentityDomains),
        ValidFrom = partner.ValidFrom?.ToUnixTimeMilliseconds(),
        ValidTo = partner.ValidTo?.ToUnixTimeMilliseconds(),
        EndsAt = partner.EndsAt?.ToUnixTimeMilliseconds(),
        Replaces = partner.Replaces,
        ImporterIssuer = partner.ImportedBy.Issuer,
        ImporterSubject = partner.ImportedBy.Subject,
        ImporterRole = partner.ImportedBy.Role,
        ImportedAt = partner.ImportedAt.ToUnixTimeMilliseconds(),
    };

    /// <exception cref="KmsException">The row does not hold what this KMS wrote.</exception>
    public static PartnerRecord ToRecord(this PartnerRow row)
    {
        try
        {
            return new PartnerRecord
            {
                Id = row.Id,
                Domain = row.Domain,
                KmsUri = row.KmsUri,
                Kind = row.Kind,
                State = row.State,
                IsLinked = row.IsLinked,
                Certificate = row.Certificate,
                Fingerprint = row.Fingerprint,
                Address = row.Address,
                IdentityDomains = JsonSerializer.Deserialize<string[]>(row.IdentityDomains) ?? [],
                ValidFrom = Time(row.ValidFrom),
                ValidTo = Time(row.ValidTo),
                EndsAt = Time(row.EndsAt),
                Replaces = row.Replaces,
                ImportedBy = new Authority(row.ImporterIssuer, row.ImporterSubject, row.ImporterRole),
                ImportedAt = Time(row.ImportedAt),
            };
        }
        catch (Exception fault) when (fault is ArgumentException or JsonException)
        {
            throw new KmsException(KmsError.StoreUnavailable, "a partner in the store is damaged", fault);
        }
    }

    public static PartnerActRow ToRow(this PartnerAct act, string domain, long partnerId, long cacheNumber) => new()
    {
        Domain = domain,
        PartnerId = partnerId,
        Kind = act.Kind,
        Time = act.Time.ToUnixTimeMilliseconds(),
        Issuer = act.By.Issuer,
        Subject = act.By.Subject,
        Role = act.By.Role,
        Reason = act.Reason,
        CacheNumber = cacheNumber,
    };

    public static PartnerAct ToAct(this PartnerActRow row) =>
        new(row.PartnerId, row.Kind, Time(row.Time), new Authority(row.Issuer, row.Subject, row.Role), row.Reason)
        {
            CacheNumber = row.CacheNumber,
        };

    public static PartnerCacheVersion ToVersion(this PartnerCacheRow row) =>
        new(row.Number, Time(row.AsOf), Time(row.NextChange));

    public static MigrationGrantRow ToRow(this MigrationGrant grant) => new()
    {
        Domain = grant.Domain,
        UserUri = grant.UserUri,
        Issuer = grant.Issuer,
        Subject = grant.Subject,
        ValidFrom = grant.ValidFrom.ToUnixTimeMilliseconds(),
        ValidTo = grant.ValidTo.ToUnixTimeMilliseconds(),
        GranterIssuer = grant.GrantedBy.Issuer,
        GranterSubject = grant.GrantedBy.Subject,
        GranterRole = grant.GrantedBy.Role,
        GrantedAt = grant.GrantedAt.ToUnixTimeMilliseconds(),
        RevokedAt = grant.RevokedAt?.ToUnixTimeMilliseconds(),
    };

    public static MigrationGrant ToGrant(this MigrationGrantRow row) => new()
    {
        Id = row.Id,
        Domain = row.Domain,
        UserUri = row.UserUri,
        Issuer = row.Issuer,
        Subject = row.Subject,
        ValidFrom = Time(row.ValidFrom),
        ValidTo = Time(row.ValidTo),
        GrantedBy = new Authority(row.GranterIssuer, row.GranterSubject, row.GranterRole),
        GrantedAt = Time(row.GrantedAt),
        RevokedAt = Time(row.RevokedAt),
    };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } value ? Time(value) : null;
}
