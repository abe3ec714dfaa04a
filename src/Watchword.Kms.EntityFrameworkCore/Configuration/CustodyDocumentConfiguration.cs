using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class CustodyDocumentConfiguration : IEntityTypeConfiguration<CustodyDocumentRow>
{
    public void Configure(EntityTypeBuilder<CustodyDocumentRow> builder)
    {
        builder.ToTable("CustodyDocuments");
        builder.HasKey(document => document.Name);
        builder.Property(document => document.Name).HasMaxLength(ICustodyDocuments.MaxNameLength);
    }
}
