using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The tables of the KMS.</summary>
public sealed class KmsDbContext(DbContextOptions<KmsDbContext> options) : DbContext(options)
{
    internal DbSet<DomainRow> Domains => Set<DomainRow>();

    internal DbSet<AuditRow> Audit => Set<AuditRow>();

    internal DbSet<IssuanceRow> Issuances => Set<IssuanceRow>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<DomainRow>(row =>
        {
            row.ToTable("Domain");
            row.HasKey(domain => new { domain.KmsUri, domain.Generation });
        });
        modelBuilder.Entity<AuditRow>(row =>
        {
            row.ToTable("Audit");
            row.HasKey(record => record.Sequence);
            row.Property(record => record.Sequence).ValueGeneratedNever();
        });
        modelBuilder.Entity<IssuanceRow>(row =>
        {
            row.ToTable("Issuance");
            row.HasKey(issuance => issuance.Id);
            row.HasIndex(issuance =>
                    new { issuance.Generation, issuance.PeriodNumber, issuance.UserUri, issuance.Issuer, issuance.Subject })
                .IsUnique();
            row.HasIndex(issuance => new { issuance.UserId, issuance.Generation });
        });
    }
}
