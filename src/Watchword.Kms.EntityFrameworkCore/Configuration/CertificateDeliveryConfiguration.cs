using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class CertificateDeliveryConfiguration : IEntityTypeConfiguration<CertificateDeliveryRow>
{
    public void Configure(EntityTypeBuilder<CertificateDeliveryRow> builder)
    {
        builder.ToTable("CertificateDelivery");
        builder.HasKey(row => new { row.KmsUri, row.Issuer, row.Subject, row.ClientId });
    }
}
