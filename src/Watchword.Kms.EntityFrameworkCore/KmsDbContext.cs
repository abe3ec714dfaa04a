using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The tables of the KMS. Each provider has a context of its own, because each has migrations of its own.</summary>
public abstract class KmsDbContext(DbContextOptions options) : DbContext(options)
{
    internal DbSet<DomainRow> Domains => Set<DomainRow>();

    internal DbSet<AuditRow> Audit => Set<AuditRow>();

    internal DbSet<CheckpointRow> Checkpoints => Set<CheckpointRow>();

    internal DbSet<AuditKeyRow> AuditKeys => Set<AuditKeyRow>();

    internal DbSet<IssuanceRow> Issuances => Set<IssuanceRow>();

    internal DbSet<PartnerRow> Partners => Set<PartnerRow>();

    internal DbSet<PartnerActRow> PartnerActs => Set<PartnerActRow>();

    internal DbSet<PartnerCacheRow> PartnerCaches => Set<PartnerCacheRow>();

    internal DbSet<MigrationGrantRow> MigrationGrants => Set<MigrationGrantRow>();

    internal DbSet<RedirectRow> Redirects => Set<RedirectRow>();

    internal DbSet<ProposedKmsRow> ProposedKms => Set<ProposedKmsRow>();

    internal DbSet<CertificateDeliveryRow> CertificateDeliveries => Set<CertificateDeliveryRow>();

    internal DbSet<IdentityOverrideRow> IdentityOverrides => Set<IdentityOverrideRow>();

    internal DbSet<SubjectRow> Subjects => Set<SubjectRow>();

    internal DbSet<IssuerEventsRow> IssuerEvents => Set<IssuerEventsRow>();

    internal DbSet<ReplayRow> Replays => Set<ReplayRow>();

    internal DbSet<CustodyDocumentRow> CustodyDocuments => Set<CustodyDocumentRow>();

    internal DbSet<TransportKeyClientRow> TransportKeyClients => Set<TransportKeyClientRow>();

    internal DbSet<PreparationRow> Preparations => Set<PreparationRow>();

    internal DbSet<PreparationItemRow> PreparationItems => Set<PreparationItemRow>();

    internal DbSet<PreparedKeyRow> PreparedKeys => Set<PreparedKeyRow>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(KmsDbContext).Assembly);
    }
}
