namespace Watchword.Kms;

/// <summary>Times as a store keeps them, in whole milliseconds: what is written is what is read back.</summary>
public static class StoreTime
{
    /// <summary>The time of a clock, cut to milliseconds.</summary>
    public static DateTimeOffset GetStoreTime(this TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return clock.GetUtcNow().ToStoreTime();
    }

    /// <summary>A time cut to milliseconds, in UTC.</summary>
    public static DateTimeOffset ToStoreTime(this DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
