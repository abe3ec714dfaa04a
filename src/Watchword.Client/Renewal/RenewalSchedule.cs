using System.Security.Cryptography;

namespace Watchword.Client;

/// <summary>
/// When things are due: draws moments within windows and waits that grow. Plans are on disk, so nothing is drawn twice.
/// </summary>
internal sealed class RenewalSchedule(KeyStore store, KeyRenewalOptions options)
{
    private const string KmsName = "kms";
    private const int Resolution = 1 << 30;
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    /// <summary>No request before this time: the KMS was busy, failed or out of reach.</summary>
    public DateTimeOffset QuietUntil => store.FindPlan(KmsName)?.DueAt ?? DateTimeOffset.MinValue;

    /// <summary>The plan for a key set, drawn now if there is none yet.</summary>
    public RenewalPlan PlanFor(RenewalTarget target, DateTimeOffset now)
    {
        RenewalPlan? kept = store.FindPlan(target.PlanName);
        (DateTimeOffset from, DateTimeOffset to) = target.HasBegun ? (now, now) : Window(target);
        // A hint may come after the draw; a plan that was not tried yet follows it.
        if (kept is not null && (target.HasBegun || kept.Failures > 0 || kept.IsRefused || (kept.DueAt >= from && kept.DueAt <= to) || kept.DueAt <= now))
        {
            return kept;
        }

        RenewalPlan plan = target.HasBegun ? PlanAtOnce(target, now) : new RenewalPlan(target.PlanName, Draw(Later(from, now), to), target.Period.End);
        store.KeepPlan(plan);
        return plan;
    }

    /// <summary>The plan for something that is looked after at intervals; due at once the first time.</summary>
    public RenewalPlan PlanFor(string name, DateTimeOffset now) => store.FindPlan(name) ?? new RenewalPlan(name, now, now);

    /// <summary>Notes that something at intervals was done; the next time is an interval away, give or take a quarter.</summary>
    public void Done(string name, TimeSpan interval, DateTimeOffset now)
    {
        DateTimeOffset due = now + (interval * 0.75) + Part(interval * 0.5);
        store.KeepPlan(new RenewalPlan(name, due, due + (10 * interval)));
    }

    /// <summary>Notes that it was refused: no more of it before the next log-in.</summary>
    public void Refuse(RenewalPlan plan, DateTimeOffset forgetAfter) =>
        store.KeepPlan(plan with { IsRefused = true, ForgetAfter = Later(plan.ForgetAfter, forgetAfter) });

    /// <summary>Puts one thing off; gives the time.</summary>
    public DateTimeOffset PutOff(RenewalPlan plan, TimeSpan first, DateTimeOffset now)
    {
        DateTimeOffset due = now + Grown(plan.Failures, first);
        store.KeepPlan(plan with { Failures = plan.Failures + 1, DueAt = due, ForgetAfter = Later(plan.ForgetAfter, due + options.MaxDelay) });
        return due;
    }

    /// <summary>Leaves the KMS alone for a while; gives the time.</summary>
    /// <param name="first">The first wait; it doubles each time.</param>
    /// <param name="asked">What the KMS asked for by <c>Retry-After</c>; null if nothing.</param>
    /// <param name="now">The time.</param>
    public DateTimeOffset LeaveAlone(TimeSpan first, TimeSpan? asked, DateTimeOffset now)
    {
        int failures = store.FindPlan(KmsName)?.Failures ?? 0;
        TimeSpan own = Grown(failures, first);
        // Many clients are told the same time: the random part on top keeps them from coming back together.
        TimeSpan wait = asked is { } time && time > TimeSpan.Zero ? Shorter(time, LongestRetryAfter) + Part(own) : own;
        store.KeepPlan(new RenewalPlan(KmsName, now + wait, now + wait + LongestRetryAfter, failures + 1));
        return now + wait;
    }

    /// <summary>The KMS answered: waits begin small again.</summary>
    public void KmsAnswered(DateTimeOffset now)
    {
        if (store.FindPlan(KmsName) is { Failures: > 0 })
        {
            store.KeepPlan(new RenewalPlan(KmsName, now, now));
        }
    }

    /// <summary>Where the KMS said when, then; else the first part of the last part of the period that runs out.</summary>
    private (DateTimeOffset From, DateTimeOffset To) Window(RenewalTarget target)
    {
        TimeSpan period = target.Period.End - target.Period.Start;
        TimeSpan length = period * options.OpeningWindowFraction;
        DateTimeOffset from = target.At - length;
        // A hint for an earlier change ended before that; it says nothing of this one.
        if (store.FindHint(target.UserUri, from: target.At - period, before: target.At) is { } hint)
        {
            return (hint.NotBefore, hint.NotAfter);
        }

        return (from, from + (length * options.SpreadFraction));
    }

    private RenewalPlan PlanAtOnce(RenewalTarget target, DateTimeOffset now)
    {
        RenewalPlan? ahead = store.FindPlan(target.PlanNameAhead);
        // Refused before its period began, together with everybody who asked too early: not all at once again.
        DateTimeOffset due = ahead?.IsRefused == true ? now + Part(options.BoundarySpread) : ahead is { Failures: > 0 } ? Later(ahead.DueAt, now) : now;
        return new RenewalPlan(target.PlanName, due, target.Period.End, ahead is { IsRefused: false } ? ahead.Failures : 0);
    }

    private TimeSpan Grown(int failures, TimeSpan first)
    {
        TimeSpan limit = Shorter(TimeSpan.FromTicks((long)Math.Min(first.Ticks * Math.Pow(2, failures), options.MaxDelay.Ticks)), options.MaxDelay);
        return (limit / 2) + Part(limit / 2);
    }

    private static DateTimeOffset Draw(DateTimeOffset from, DateTimeOffset to) => to <= from ? from : from + Part(to - from);

    private static TimeSpan Part(TimeSpan whole) => whole * (RandomNumberGenerator.GetInt32(Resolution) / (double)Resolution);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
