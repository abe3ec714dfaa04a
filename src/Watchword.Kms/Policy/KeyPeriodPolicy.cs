namespace Watchword.Kms;

/// <summary>What the policy says about a key period.</summary>
public enum KeyPeriodVerdict
{
    /// <summary>It is the current one, or the next one within its opening window.</summary>
    Open = 0,

    /// <summary>It is past but within the history: open to a requester who got this identity's key then, and to nobody
    /// else.</summary>
    OnlyIfIssuedBefore = 1,

    /// <summary>It lies ahead, and its opening window has not begun.</summary>
    NotOpen = 2,

    /// <summary>It is past the history.</summary>
    Closed = 3,
}

/// <summary>
/// Bounds the key periods that may be asked for. Without bounds one valid token would buy all future periods, and a user who was
/// removed would never drop out.
/// </summary>
public sealed record KeyPeriodPolicy
{
    /// <summary>Makes a policy.</summary>
    /// <param name="openingWindowFraction">The last part of the current period in which the next one is open, 0 to 1; 0.25 is a
    /// quarter.</param>
    /// <param name="historyPeriods">How many past periods may be asked for again, 0 to 1000.</param>
    public KeyPeriodPolicy(double openingWindowFraction = 0.25, int historyPeriods = 1)
    {
        if (!(openingWindowFraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(openingWindowFraction));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(historyPeriods);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(historyPeriods, 1000);
        OpeningWindowFraction = openingWindowFraction;
        HistoryPeriods = historyPeriods;
    }

    /// <summary>The last part of the current period in which the next one is open.</summary>
    public double OpeningWindowFraction { get; }

    /// <summary>How many past periods may be asked for again.</summary>
    public int HistoryPeriods { get; }

    /// <summary>Judges period <paramref name="requested"/> at <paramref name="now"/>.</summary>
    /// <param name="current">Number of the period that <paramref name="now"/> lies in.</param>
    /// <param name="currentStart">Its begin.</param>
    /// <param name="currentEnd">Its end, exclusive.</param>
    /// <param name="now">The clock of the KMS.</param>
    /// <param name="requested">Number of the period asked for.</param>
    public KeyPeriodVerdict Judge(
        long current, DateTimeOffset currentStart, DateTimeOffset currentEnd, DateTimeOffset now, long requested)
    {
        if (requested == current)
        {
            return KeyPeriodVerdict.Open;
        }

        if (requested < current)
        {
            return requested >= current - HistoryPeriods ? KeyPeriodVerdict.OnlyIfIssuedBefore : KeyPeriodVerdict.Closed;
        }

        TimeSpan window = (currentEnd - currentStart) * OpeningWindowFraction;
        return requested - 1 == current && now >= currentEnd - window ? KeyPeriodVerdict.Open : KeyPeriodVerdict.NotOpen;
    }
}
