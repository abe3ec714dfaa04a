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

    /// <summary>Judges the period of <paramref name="wanted"/> at <paramref name="now"/>.</summary>
    /// <param name="timeline">The periods of the domain.</param>
    /// <param name="now">The clock of the KMS.</param>
    /// <param name="wanted">A time within the period asked for.</param>
    internal KeyPeriodVerdict Judge(KeyTimeline timeline, DateTimeOffset now, DateTimeOffset wanted)
    {
        KeySlot? slot = timeline.At(wanted);
        if (slot is null)
        {
            return wanted < now ? KeyPeriodVerdict.Closed : KeyPeriodVerdict.NotOpen;
        }

        if (slot.Start <= now)
        {
            return now < slot.End ? KeyPeriodVerdict.Open
                : IsInHistory(timeline, timeline.At(now), slot) ? KeyPeriodVerdict.OnlyIfIssuedBefore
                : KeyPeriodVerdict.Closed;
        }

        return now >= OpeningOf(timeline, slot) ? KeyPeriodVerdict.Open : KeyPeriodVerdict.NotOpen;
    }

    /// <summary>
    /// Begin of the opening window of a slot: a share of the period before it. The first slot of a generation with another period
    /// length therefore opens as the clients of the old one expect it.
    /// </summary>
    internal DateTimeOffset OpeningOf(KeyTimeline timeline, KeySlot slot)
    {
        TimeSpan window = (timeline.Before(slot)?.PeriodLength ?? slot.PeriodLength) * OpeningWindowFraction;
        return slot.Start - DateTimeOffset.MinValue > window ? slot.Start - window : DateTimeOffset.MinValue;
    }

    private bool IsInHistory(KeyTimeline timeline, KeySlot? current, KeySlot wanted)
    {
        KeySlot? past = current;
        for (int back = 0; back < HistoryPeriods; back++)
        {
            past = past is null ? null : timeline.Before(past);
            if (past is null || past.End <= wanted.Start)
            {
                return false;
            }

            if (past.IsSameAs(wanted))
            {
                return true;
            }
        }

        return false;
    }
}
