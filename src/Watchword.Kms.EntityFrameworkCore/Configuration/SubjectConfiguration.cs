using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.Kms.EntityFrameworkCore;

internal sealed class SubjectConfiguration : IEntityTypeConfiguration<SubjectRow>, IEntityTypeConfiguration<IssuerEventsRow>
{
    public void Configure(EntityTypeBuilder<SubjectRow> builder)
    {
        builder.ToTable("Subject");
        builder.HasKey(subject => new { subject.Issuer, subject.Subject });
    }

    public void Configure(EntityTypeBuilder<IssuerEventsRow> builder)
    {
        builder.ToTable("IssuerEvents");
        builder.HasKey(events => events.Issuer);
    }
}
