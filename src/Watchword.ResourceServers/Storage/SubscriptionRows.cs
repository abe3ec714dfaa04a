using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Watchword.ResourceServers.Storage;

/// <summary>A subscription to XCAP documents (RFC 5875).</summary>
internal sealed class SubscriptionRow
{
    /// <summary>The own tag of its dialog, which is random.</summary>
    public required string Id { get; init; }

    public required string CallId { get; init; }

    /// <summary>The service whose documents it is about, as scopes call it.</summary>
    public required string Realm { get; init; }

    /// <summary>The MC service ID of the token that made it.</summary>
    public required string Owner { get; init; }

    /// <summary>The issuer of that token.</summary>
    public required string Issuer { get; init; }

    /// <summary>Its subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The dialog, as JSON.</summary>
    public required string Dialog { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When its owner last showed a token.</summary>
    public required DateTimeOffset AuthenticatedAt { get; set; }

    /// <summary>
    /// A NOTIFY is owed whatever has changed, with everything in it: after every SUBSCRIBE (RFC 6665 §4.2.1.2).
    /// </summary>
    public bool IsOwed { get; set; }

    /// <summary>Why it ends before its time; null if it does not.</summary>
    public string? EndReason { get; set; }

    /// <summary>
    /// Until when nobody else sends a NOTIFY: one is on its way, or the next attempt has to wait. The one who sends moves it
    /// before.
    /// </summary>
    public DateTimeOffset BusyUntil { get; set; }

    /// <summary>Attempts that failed in a row.</summary>
    public int Failures { get; set; }

    public List<SubscriptionResourceRow> Resources { get; init; } = [];
}

/// <summary>A document that is subscribed to.</summary>
internal sealed class SubscriptionResourceRow
{
    public required string SubscriptionId { get; init; }

    public required int Ordinal { get; init; }

    /// <summary>The selector as the subscriber wrote it, which notifications repeat (RFC 5875 §4.6).</summary>
    public required string Selector { get; init; }

    public required string Auid { get; init; }

    public required string Xui { get; init; }

    public required string Name { get; init; }

    /// <summary>The entity tag that the subscriber was told last; null if he was told of none.</summary>
    public string? ToldETag { get; set; }

    /// <summary>The entity tag that was looked at last: another than was told, where he may not know of the document.</summary>
    public string? SeenETag { get; set; }
}

internal sealed class SubscriptionConfiguration
    : IEntityTypeConfiguration<SubscriptionRow>, IEntityTypeConfiguration<SubscriptionResourceRow>
{
    private const int TagLength = 128;
    private const int UriLength = 1024;
    private const int SelectorLength = 8192;

    public void Configure(EntityTypeBuilder<SubscriptionRow> builder)
    {
        builder.ToTable("subscriptions");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).HasMaxLength(TagLength);
        builder.Property(row => row.Owner).HasMaxLength(UriLength);
        builder.HasIndex(row => new { row.Realm, row.Owner });
        builder.HasIndex(row => new { row.Issuer, row.Subject });
        builder.HasIndex(row => row.ExpiresAt);
        builder.HasMany(row => row.Resources).WithOne().HasForeignKey(row => row.SubscriptionId);
    }

    public void Configure(EntityTypeBuilder<SubscriptionResourceRow> builder)
    {
        builder.ToTable("subscription_resources");
        builder.HasKey(row => new { row.SubscriptionId, row.Ordinal });
        builder.Property(row => row.SubscriptionId).HasMaxLength(TagLength);
        builder.Property(row => row.Selector).HasMaxLength(SelectorLength);
        builder.HasIndex(row => new { row.Auid, row.Xui, row.Name });
    }
}
