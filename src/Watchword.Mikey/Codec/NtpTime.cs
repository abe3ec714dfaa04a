namespace Watchword.Mikey;

/// <summary>
/// 64-bit NTP timestamps (RFC 5905): seconds since 1900-01-01 00:00 UTC in the upper 32 bits, which wrap on 2036-02-07, and a
/// binary fraction in the lower 32.
/// </summary>
internal static class NtpTime
{
    private const long EraInSeconds = 1L << 32;

    private static readonly DateTimeOffset _epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly long _firstSecond = (DateTimeOffset.MinValue - _epoch).Ticks / TimeSpan.TicksPerSecond;

    private static readonly long _lastSecond = (DateTimeOffset.MaxValue - _epoch).Ticks / TimeSpan.TicksPerSecond;

    public static ulong FromDateTimeOffset(DateTimeOffset time)
    {
        long ticks = (time - _epoch).Ticks;
        ArgumentOutOfRangeException.ThrowIfNegative(ticks, nameof(time));
        (long seconds, long rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        // Rounded to nearest, so that a time of .NET's precision survives the way there and back.
        ulong fraction = (((ulong)rest << 32) + ((ulong)TimeSpan.TicksPerSecond / 2)) / (ulong)TimeSpan.TicksPerSecond;
        return ((ulong)seconds << 32) | fraction;
    }

    public static DateTimeOffset ToDateTimeOffset(ulong value, DateTimeOffset near)
    {
        long nearSeconds = (near - _epoch).Ticks / TimeSpan.TicksPerSecond;
        long seconds = (nearSeconds & ~(EraInSeconds - 1)) + (long)(value >> 32);
        if (seconds - nearSeconds > EraInSeconds / 2)
        {
            seconds -= EraInSeconds;
        }
        else if (nearSeconds - seconds > EraInSeconds / 2)
        {
            seconds += EraInSeconds;
        }

        // A clock at either end of .NET's calendar: the next era that can be written.
        seconds += seconds >= _lastSecond ? -EraInSeconds : seconds < _firstSecond ? EraInSeconds : 0;

        long fraction = (long)(((value & uint.MaxValue) * (ulong)TimeSpan.TicksPerSecond) + (1UL << 31)) >> 32;
        return _epoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + fraction);
    }
}
