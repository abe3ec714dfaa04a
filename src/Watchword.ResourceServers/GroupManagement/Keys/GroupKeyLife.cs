namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>How GMKs live.</summary>
internal sealed record GroupKeyLife
{
    /// <summary>How long a GMK is used before another takes its place; null for as long as nobody leaves.</summary>
    public TimeSpan? MaximumAge { get; init; } = TimeSpan.FromDays(28);

    /// <summary>How long a GMK that was superseded by age still receives, before it is revoked.</summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a message that revokes a GMK can be fetched.</summary>
    public TimeSpan RevocationRetention { get; init; } = TimeSpan.FromDays(90);
}
