namespace Watchword.Kms.Server.Profiles;

/// <summary>Recognises local time without zone: an offset from UTC that is in use explains the difference from the
/// clock.</summary>
internal static class LocalTime
{
    /// <summary>Every offset in use is a multiple of a quarter of an hour.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Westernmost = TimeSpan.FromHours(-12);
    private static readonly TimeSpan Easternmost = TimeSpan.FromHours(14);

    /// <summary>True if <paramref name="time"/>, which was read as UTC, is outside the window and lies in it at some offset other
    /// than zero.</summary>
    public static bool Explains(DateTimeOffset time, DateTimeOffset now, TimeSpan skew)
    {
        TimeSpan difference = time - now;
        TimeSpan offset = Math.Round(difference / Step, MidpointRounding.ToEven) * Step;
        return difference.Duration() > skew && offset != TimeSpan.Zero
            && offset >= Westernmost && offset <= Easternmost
            && (difference - offset).Duration() <= skew;
    }
}
