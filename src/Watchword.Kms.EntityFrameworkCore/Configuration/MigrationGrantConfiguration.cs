using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class MigrationGrantConfiguration : IEntityTypeConfiguration<MigrationGrantRow>
{
    public void Configure(EntityTypeBuilder<MigrationGrantRow> builder)
    {
        builder.ToTable("MigrationGrant");
        builder.HasKey(grant => grant.Id);
        builder.HasIndex(grant => new { grant.Domain, grant.UserUri });
    }
}
