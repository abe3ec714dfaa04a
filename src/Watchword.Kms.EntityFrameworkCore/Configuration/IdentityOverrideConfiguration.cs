using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class IdentityOverrideConfiguration : IEntityTypeConfiguration<IdentityOverrideRow>
{
    public void Configure(EntityTypeBuilder<IdentityOverrideRow> builder)
    {
        builder.ToTable("IdentityOverride");
        builder.HasKey(allowed => new { allowed.UserId, allowed.Issuer, allowed.Subject });
    }
}
