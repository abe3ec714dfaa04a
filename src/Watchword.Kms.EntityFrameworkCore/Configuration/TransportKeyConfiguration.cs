using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class TransportKeyConfiguration
    : IEntityTypeConfiguration<TransportKeyClientRow>, IEntityTypeConfiguration<TransportKeyPairRow>
{
    public void Configure(EntityTypeBuilder<TransportKeyClientRow> builder)
    {
        builder.ToTable("TransportKeyClient");
        builder.HasKey(client => client.Id);
        builder.HasIndex(client => new { client.KmsUri, client.UserUri, client.ClientId }).IsUnique();
        builder.HasMany(client => client.Pairs).WithOne().HasForeignKey(pair => pair.Owner).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<TransportKeyPairRow> builder)
    {
        builder.ToTable("TransportKeyPair");
        builder.HasKey(pair => new { pair.Owner, pair.Number });
        builder.Property(pair => pair.Number).ValueGeneratedNever();
    }
}
