using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.ResourceServers.Storage;

/// <summary>What is looked up of a group without its document, which is an <see cref="XcapDocumentRow"/> under its MC group ID.</summary>
internal sealed class GroupRow
{
    /// <summary>The MC group ID.</summary>
    public required string GroupUri { get; init; }

    /// <summary>The directory that it was made in; null if it was made by its identity, or is gone.</summary>
    public string? Xui { get; set; }

    /// <summary>The name of the document there.</summary>
    public string? Name { get; set; }

    /// <summary>Whether it has no document any more; the row stays until its keys are revoked.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Whether something of it is protected under a GMK.</summary>
    public bool NeedsKey { get; set; }

    /// <summary>Whether its keys are to be brought in line.</summary>
    public bool KeysDue { get; set; }

    /// <summary>Whether a new key is asked for.</summary>
    public bool RenewalAsked { get; set; }

    /// <summary>Grows with each change that keys depend on: who has brought them in line knows that nothing came in between.</summary>
    public long Version { get; set; }
}

/// <summary>Somebody who may hold the keys of a group.</summary>
internal sealed class GroupMemberRow
{
    public required string GroupUri { get; init; }

    /// <summary>His MC service ID in one of the services of the group.</summary>
    public required string MemberUri { get; init; }
}

/// <summary>
/// Whose token an MC service ID came with: security events name subjects. Nobody is given a key of a group before this is known.
/// </summary>
internal sealed class GroupUserRow
{
    /// <summary>The MC service ID.</summary>
    public required string MemberUri { get; init; }

    public required string Issuer { get; set; }

    public required string Subject { get; set; }

    /// <summary>Whether he was disabled or removed, and has not come with a good token since.</summary>
    public bool IsBarred { get; set; }
}

/// <summary>Tables of groups.</summary>
internal sealed class GroupConfiguration
    : IEntityTypeConfiguration<GroupRow>, IEntityTypeConfiguration<GroupMemberRow>, IEntityTypeConfiguration<GroupUserRow>
{
    private const int UriLength = 1024;

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<GroupRow> builder)
    {
        _ = builder.ToTable("groups");
        _ = builder.HasKey(row => row.GroupUri);
        _ = builder.Property(row => row.GroupUri).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Xui).HasMaxLength(UriLength);
        _ = builder.Property(row => row.Name).HasMaxLength(UriLength);
        _ = builder.HasIndex(row => new { row.Xui, row.Name }).IsUnique();
        _ = builder.HasIndex(row => row.KeysDue);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<GroupMemberRow> builder)
    {
        _ = builder.ToTable("group_members");
        _ = builder.HasKey(row => new { row.GroupUri, row.MemberUri });
        _ = builder.Property(row => row.GroupUri).HasMaxLength(UriLength);
        _ = builder.Property(row => row.MemberUri).HasMaxLength(UriLength);
        _ = builder.HasIndex(row => row.MemberUri);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<GroupUserRow> builder)
    {
        _ = builder.ToTable("group_users");
        _ = builder.HasKey(row => row.MemberUri);
        _ = builder.Property(row => row.MemberUri).HasMaxLength(UriLength);
        _ = builder.HasIndex(row => new { row.Issuer, row.Subject });
    }
}
