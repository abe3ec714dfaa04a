using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class IssuanceConfiguration : IEntityTypeConfiguration<IssuanceRow>
{
    public void Configure(EntityTypeBuilder<IssuanceRow> builder)
    {
        builder.ToTable("Issuance");
        builder.HasKey(issuance => issuance.Id);

        // The UID stands for domain, schedule, period and identity at once (F.2.1), and long URIs would not fit into an index.
        builder.HasIndex(issuance => new { issuance.UserId, issuance.Generation, issuance.Issuer, issuance.Subject }).IsUnique();
        builder.HasIndex(issuance => new { issuance.PeriodNumber, issuance.UserUri });
    }
}
