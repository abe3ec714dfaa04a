using System.Globalization;
using Watchword.Identity;

namespace Watchword.Authorization;

/// <summary>What became of an event.</summary>
public enum StreamOutcome
{
    /// <summary>It was the next one and is applied, or a heartbeat that says that nothing is missing.</summary>
    Applied = 0,

    /// <summary>It was applied before, or a heartbeat from before what is known: nothing changes, and it is
    /// acknowledged.</summary>
    Known = 1,

    /// <summary>A heartbeat that tells of events that have not come: nothing changes; the answer says what is missing.</summary>
    Behind = 2,

    /// <summary>An event that is not the next one: refused; the answer says what is missing.</summary>
    OutOfOrder = 3,

    /// <summary>Nothing known here leads to it: refused; the answer asks for a new beginning.</summary>
    Unknown = 4,
}

/// <summary>
/// How far the events of one issuer are known. <see cref="Advance"/> is the only rule of order that there is; a sink stores what
/// it says.
/// </summary>
/// <param name="Issuer">The issuer.</param>
/// <param name="Epoch">The run of numbers.</param>
/// <param name="Sequence">All events up to this one were applied.</param>
/// <param name="LastJti">The <c>jti</c> of that event.</param>
/// <param name="SnapshotComplete">False between the first and the last page of the snapshot with which a run begins.</param>
/// <param name="CompleteAt">
/// The latest time of which the issuer has vouched that all events up to then are known here, by its own clock; null if there is
/// none.
/// </param>
public sealed record EventStreamState(
    string Issuer, long Epoch, long Sequence, string LastJti, bool SnapshotComplete, DateTimeOffset? CompleteAt)
{
    /// <summary>Where this server is, for the answer to a delivery.</summary>
    public string Position => string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Sequence}");

    /// <summary>The outcome of an event and the state after it, given the state before (null: none).</summary>
    /// <param name="before">The state of the issuer's stream as it is stored now.</param>
    /// <param name="securityEvent">The event.</param>
    /// <param name="now">The time here: a heartbeat does not vouch for a time that has not come.</param>
    public static (StreamOutcome Outcome, EventStreamState? After) Advance(
        EventStreamState? before, SecurityEvent securityEvent, DateTimeOffset now)
    {
        if (before is null || securityEvent.Epoch > before.Epoch)
        {
            return securityEvent.BeginsSnapshot && securityEvent.Sequence == 1
                ? (StreamOutcome.Applied, new EventStreamState(
                    securityEvent.Issuer, securityEvent.Epoch, 1, securityEvent.Jti, securityEvent.EndsSnapshot,
                    before?.CompleteAt))
                : (StreamOutcome.Unknown, before);
        }

        if (securityEvent.Epoch < before.Epoch)
        {
            return (StreamOutcome.OutOfOrder, before);
        }

        if (securityEvent.Sequence == before.Sequence)
        {
            return before.AtNewest(securityEvent, now);
        }

        if (securityEvent.Sequence < before.Sequence)
        {
            return (StreamOutcome.Known, before);
        }

        if (securityEvent.IsHeartbeat)
        {
            return (StreamOutcome.Behind, before);
        }

        return securityEvent.Sequence == before.Sequence + 1 ? before.Next(securityEvent) : (StreamOutcome.OutOfOrder, before);
    }

    /// <summary>A number of which something is known: the two must agree, or the issuer has lost events and counted
    /// anew.</summary>
    private (StreamOutcome Outcome, EventStreamState? After) AtNewest(SecurityEvent securityEvent, DateTimeOffset now)
    {
        string? jti = securityEvent.IsHeartbeat ? securityEvent.NewestJti : securityEvent.Jti;
        if (!string.Equals(jti, LastJti, StringComparison.Ordinal))
        {
            return (StreamOutcome.Unknown, this);
        }

        if (!securityEvent.IsHeartbeat || !SnapshotComplete)
        {
            return (StreamOutcome.Known, this);
        }

        DateTimeOffset vouched = securityEvent.IssuedAt < now ? securityEvent.IssuedAt : now;
        return CompleteAt >= vouched ? (StreamOutcome.Known, this) : (StreamOutcome.Applied, this with { CompleteAt = vouched });
    }

    private (StreamOutcome Outcome, EventStreamState? After) Next(SecurityEvent securityEvent)
    {
        // A snapshot is whole at the beginning of a run, and nowhere else.
        if (securityEvent.BeginsSnapshot || securityEvent.IsSnapshot == SnapshotComplete)
        {
            return (StreamOutcome.Unknown, this);
        }

        return (StreamOutcome.Applied, this with
        {
            Sequence = securityEvent.Sequence,
            LastJti = securityEvent.Jti,
            SnapshotComplete = SnapshotComplete || securityEvent.EndsSnapshot,
        });
    }

    /// <summary>What the answer to a delivery says of the position (<see cref="SecurityEventNames.PositionHeader"/>).</summary>
    internal static string PositionFor(StreamOutcome outcome, EventStreamState? after) =>
        outcome == StreamOutcome.Unknown || after is null ? SecurityEventNames.Restart : after.Position;
}
