using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class PreparationConfiguration
    : IEntityTypeConfiguration<PreparationRow>, IEntityTypeConfiguration<PreparationItemRow>,
        IEntityTypeConfiguration<PreparedKeyRow>
{
    public void Configure(EntityTypeBuilder<PreparationRow> builder)
    {
        builder.ToTable("Preparation");
        builder.HasKey(preparation => preparation.Id);
        builder.HasIndex(
            preparation => new { preparation.KmsUri, preparation.Generation, preparation.PeriodNumber }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<PreparationItemRow> builder)
    {
        builder.ToTable("PreparationItem");
        builder.HasKey(item => item.Number);
        builder.HasIndex(item => new { item.PreparationId, item.Number });
    }

    public void Configure(EntityTypeBuilder<PreparedKeyRow> builder)
    {
        builder.ToTable("PreparedKey");
        builder.HasKey(key => new { key.PreparationId, key.UserId, key.TransportKeyId });
        builder.HasIndex(key => key.Holder);
        builder.HasIndex(key => key.Identity);
    }
}
