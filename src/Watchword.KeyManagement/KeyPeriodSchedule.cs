namespace Watchword.KeyManagement;

/// <summary>
/// How a security domain divides time into key periods: <c>UserKeyPeriod</c> and <c>UserKeyOffset</c> of its KMS certificate
/// (TS 33.180 D.3.2). The number of the period of a time T is <c>floor((T - offset) / period)</c> with T in seconds since
/// 1900-01-01 00:00 UTC (F.2.1), counted on without the wrap that the 32-bit NTP field has in 2036.
/// </summary>
public sealed record KeyPeriodSchedule
{
    /// <summary>Makes a schedule.</summary>
    /// <param name="periodSeconds">Length of a period in seconds, at least 1.</param>
    /// <param name="offsetSeconds">Start of period 0 in seconds since 1900; at least 0 and less than the period.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value lies outside its range.</exception>
    public KeyPeriodSchedule(long periodSeconds, long offsetSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(periodSeconds);
        ArgumentOutOfRangeException.ThrowIfNegative(offsetSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offsetSeconds, periodSeconds);
        PeriodSeconds = periodSeconds;
        OffsetSeconds = offsetSeconds;
    }

    /// <summary>Length of every period in seconds (P3 of the UID).</summary>
    public long PeriodSeconds { get; }

    /// <summary>Start of period 0 in seconds since 1900 (P4 of the UID).</summary>
    public long OffsetSeconds { get; }

    /// <summary>The period that contains <paramref name="time"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time lies before the start of period 0.</exception>
    public KeyPeriod At(DateTimeOffset time)
    {
        long sincePeriodZero = NtpTimestamp.WholeSecondsSince1900(time) - OffsetSeconds;
        ArgumentOutOfRangeException.ThrowIfNegative(sincePeriodZero, nameof(time));
        return FromNumber(sincePeriodZero / PeriodSeconds);
    }

    /// <summary>The period with the number <paramref name="number"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative, or the period starts after year 9999.</exception>
    public KeyPeriod FromNumber(long number)
    {
        if (!TryFromNumber(number, out KeyPeriod period))
        {
            throw new ArgumentOutOfRangeException(nameof(number));
        }

        return period;
    }

    /// <summary>
    /// The period with the number <paramref name="number"/>; false if it is negative or starts after year 9999.
    /// </summary>
    public bool TryFromNumber(long number, out KeyPeriod period)
    {
        period = default;
        if (number < 0)
        {
            return false;
        }

        // Both factors come from outside (certificate, key set): the product needs more than 64 bits.
        Int128 start = OffsetSeconds + ((Int128)number * PeriodSeconds);
        if (start > NtpTimestamp.LastSecondSince1900)
        {
            return false;
        }

        Int128 end = start + PeriodSeconds;
        DateTimeOffset endTime = end > NtpTimestamp.LastSecondSince1900
            ? DateTimeOffset.MaxValue
            : NtpTimestamp.FromSecondsSince1900((long)end);
        period = new KeyPeriod(number, NtpTimestamp.FromSecondsSince1900((long)start), endTime);
        return true;
    }
}
