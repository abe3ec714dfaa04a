using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.ResourceServers.Storage;

/// <summary>Where a GMK stands in its life.</summary>
internal enum GroupKeyStage
{
    /// <summary>The one that the group sends under.</summary>
    Current = 0,

    /// <summary>Superseded; it still receives until <see cref="GroupKeyRow.RetiresAt"/>.</summary>
    Retiring = 1,

    /// <summary>Revoked, or lost with the key store: nobody uses it again.</summary>
    Ended = 2,
}

/// <summary>A GMK of a group, without its octets, which are in the key store of the group management server.</summary>
internal sealed class GroupKeyRow
{
    /// <summary>The MC group ID.</summary>
    public required string GroupUri { get; init; }

    /// <summary>GMK-ID.</summary>
    public required long KeyId { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public GroupKeyStage Stage { get; set; }

    /// <summary>When a retiring key is revoked.</summary>
    public DateTimeOffset? RetiresAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public List<GroupKeyHolderRow> Holders { get; init; } = [];
}

/// <summary>Somebody who may have a GMK: messages with it are made for him.</summary>
internal sealed class GroupKeyHolderRow
{
    public required string GroupUri { get; init; }

    public required long KeyId { get; init; }

    /// <summary>His MC service ID.</summary>
    public required string MemberUri { get; init; }

    /// <summary>When he last fetched it or was sent it; null if never.</summary>
    public DateTimeOffset? DeliveredAt { get; set; }
}

/// <summary>A message to one holder that a GMK is revoked. It cannot be made again: the octets of the key are gone.</summary>
internal sealed class GroupKeyRevocationRow
{
    public required string GroupUri { get; init; }

    public required long KeyId { get; init; }

    public required string MemberUri { get; init; }

    /// <summary>The MIKEY I_MESSAGE, encrypted to the holder.</summary>
    public required byte[] Message { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; set; }
}

/// <summary>Tables of GMKs.</summary>
internal sealed class GroupKeyConfiguration
    : IEntityTypeConfiguration<GroupKeyRow>, IEntityTypeConfiguration<GroupKeyHolderRow>, IEntityTypeConfiguration<GroupKeyRevocationRow>
{
    private const int UriOctets = 1024;

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<GroupKeyRow> builder)
    {
        _ = builder.ToTable("group_keys");
        _ = builder.HasKey(row => new { row.GroupUri, row.KeyId });
        _ = builder.Property(row => row.GroupUri).HasMaxLength(UriOctets);
        _ = builder.HasIndex(row => new { row.Stage, row.RetiresAt });
        _ = builder.HasMany(row => row.Holders).WithOne().HasForeignKey(row => new { row.GroupUri, row.KeyId });
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<GroupKeyHolderRow> builder)
    {
        _ = builder.ToTable("group_key_holders");
        _ = builder.HasKey(row => new { row.GroupUri, row.KeyId, row.MemberUri });
        _ = builder.Property(row => row.GroupUri).HasMaxLength(UriOctets);
        _ = builder.Property(row => row.MemberUri).HasMaxLength(UriOctets);
        _ = builder.HasIndex(row => row.MemberUri);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<GroupKeyRevocationRow> builder)
    {
        _ = builder.ToTable("group_key_revocations");
        _ = builder.HasKey(row => new { row.GroupUri, row.MemberUri, row.KeyId });
        _ = builder.Property(row => row.GroupUri).HasMaxLength(UriOctets);
        _ = builder.Property(row => row.MemberUri).HasMaxLength(UriOctets);
        _ = builder.Property(row => row.Message).HasMaxLength(64 * 1024);
        _ = builder.HasIndex(row => row.MadeAt);
    }
}
