using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.ResourceServers.Storage;

/// <summary>An XCAP document.</summary>
internal sealed class XcapDocumentRow
{
    /// <summary>Application unique identifier.</summary>
    public required string Auid { get; init; }

    /// <summary>The user; empty for the global tree.</summary>
    public required string Xui { get; init; }

    /// <summary>The segments of the path, joined by a slash, which none of them has.</summary>
    public required string Name { get; init; }

    /// <summary>The entity tag without its quotation marks; another one after every change.</summary>
    public required string ETag { get; set; }

    /// <summary>The document in UTF-8.</summary>
    public required byte[] Content { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }
}

/// <summary>
/// A change of a document, for those who follow changes. Numbers grow, but on PostgreSQL a lower one may become visible after a
/// higher one: who reads them compares entity tags, and does not count.
/// </summary>
internal sealed class XcapChangeRow
{
    public long Sequence { get; init; }

    public required string Auid { get; init; }

    public required string Xui { get; init; }

    public required string Name { get; init; }

    /// <summary>Null if the document was made.</summary>
    public string? PreviousETag { get; init; }

    /// <summary>Null if the document was deleted.</summary>
    public string? NewETag { get; init; }

    public required DateTimeOffset At { get; init; }
}

internal sealed class XcapConfiguration : IEntityTypeConfiguration<XcapDocumentRow>, IEntityTypeConfiguration<XcapChangeRow>
{
    private const int AuidLength = 128;
    private const int XuiLength = 1024;
    private const int NameLength = 2048;
    private const int ETagLength = 64;

    public void Configure(EntityTypeBuilder<XcapDocumentRow> builder)
    {
        builder.ToTable("xcap_documents");
        builder.HasKey(row => new { row.Auid, row.Xui, row.Name });
        builder.Property(row => row.Auid).HasMaxLength(AuidLength);
        builder.Property(row => row.Xui).HasMaxLength(XuiLength);
        builder.Property(row => row.Name).HasMaxLength(NameLength);
        // What is replaced is what was read: no update is lost, whatever the isolation.
        builder.Property(row => row.ETag).HasMaxLength(ETagLength).IsConcurrencyToken();
    }

    public void Configure(EntityTypeBuilder<XcapChangeRow> builder)
    {
        builder.ToTable("xcap_changes");
        builder.HasKey(row => row.Sequence);
        builder.Property(row => row.Auid).HasMaxLength(AuidLength);
        builder.Property(row => row.Xui).HasMaxLength(XuiLength);
        builder.Property(row => row.Name).HasMaxLength(NameLength);
        builder.Property(row => row.PreviousETag).HasMaxLength(ETagLength);
        builder.Property(row => row.NewETag).HasMaxLength(ETagLength);
        builder.HasIndex(row => row.At);
    }
}
