using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class RedirectConfiguration : IEntityTypeConfiguration<RedirectRow>
{
    public void Configure(EntityTypeBuilder<RedirectRow> builder)
    {
        builder.ToTable("Redirect");
        builder.HasKey(report => report.Id);
        builder.HasIndex(report => report.Domain);
    }
}

internal sealed class ProposedKmsConfiguration : IEntityTypeConfiguration<ProposedKmsRow>
{
    public void Configure(EntityTypeBuilder<ProposedKmsRow> builder)
    {
        builder.ToTable("ProposedKms");
        builder.HasKey(proposed => new { proposed.Domain, proposed.KmsUri });
    }
}
