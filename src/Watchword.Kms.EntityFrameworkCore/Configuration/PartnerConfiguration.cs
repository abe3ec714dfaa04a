using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class PartnerConfiguration : IEntityTypeConfiguration<PartnerRow>
{
    public void Configure(EntityTypeBuilder<PartnerRow> builder)
    {
        builder.ToTable("Partner");
        builder.HasKey(partner => partner.Id);
        builder.HasIndex(partner => partner.Domain);
    }
}

internal sealed class PartnerActConfiguration : IEntityTypeConfiguration<PartnerActRow>
{
    public void Configure(EntityTypeBuilder<PartnerActRow> builder)
    {
        builder.ToTable("PartnerAct");
        builder.HasKey(act => act.Id);
        builder.HasIndex(act => act.Domain);
    }
}

internal sealed class PartnerCacheConfiguration : IEntityTypeConfiguration<PartnerCacheRow>
{
    public void Configure(EntityTypeBuilder<PartnerCacheRow> builder)
    {
        builder.ToTable("PartnerCache");
        builder.HasKey(cache => cache.Domain);
    }
}
