using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class AuditConfiguration
    : IEntityTypeConfiguration<AuditRow>, IEntityTypeConfiguration<CheckpointRow>, IEntityTypeConfiguration<AuditKeyRow>
{
    public void Configure(EntityTypeBuilder<AuditRow> builder)
    {
        builder.ToTable("Audit");
        builder.HasKey(record => record.Sequence);
        builder.Property(record => record.Sequence).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<CheckpointRow> builder)
    {
        builder.ToTable("AuditCheckpoint");
        builder.HasKey(checkpoint => checkpoint.Sequence);
        builder.Property(checkpoint => checkpoint.Sequence).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<AuditKeyRow> builder)
    {
        builder.ToTable("AuditKey");
        builder.HasKey(key => key.KeyId);
    }
}
