using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Watchword.Sip;

/// <summary>The states of Subscription-State (RFC 6665 §8.2.3).</summary>
public enum SubscriptionPhase
{
    /// <summary>The subscription is accepted.</summary>
    Active = 0,

    /// <summary>It is not decided on yet.</summary>
    Pending = 1,

    /// <summary>It has ended.</summary>
    Terminated = 2,
}

/// <summary>Subscription-State as a NOTIFY says it.</summary>
/// <param name="Phase">The state.</param>
/// <param name="Expires">The seconds that remain; null if not said or terminated.</param>
/// <param name="Reason">
/// Why it has ended: <c>deactivated</c>, <c>probation</c>, <c>rejected</c>, <c>timeout</c>, <c>giveup</c>, <c>noresource</c>,
/// <c>invariant</c>.
/// </param>
/// <param name="RetryAfter">Seconds until a new subscription makes sense; null if not said.</param>
public sealed record SipSubscriptionState(
    SubscriptionPhase Phase, uint? Expires = null, string? Reason = null, uint? RetryAfter = null)
{
    /// <summary>Active or, if nothing remains, terminated by time-out.</summary>
    public static SipSubscriptionState Remaining(TimeSpan time) =>
        time > TimeSpan.Zero ? new(SubscriptionPhase.Active, (uint)Math.Ceiling(time.TotalSeconds)) : Ended("timeout");

    /// <summary>Terminated for a reason.</summary>
    public static SipSubscriptionState Ended(string reason, uint? retryAfter = null) =>
        new(SubscriptionPhase.Terminated, null, reason, retryAfter);

    /// <summary>Reads the field. An unknown state is none.</summary>
    public static bool TryRead(SipTokenValue? value, [NotNullWhen(true)] out SipSubscriptionState? state)
    {
        state = null;
        SubscriptionPhase? phase = value?.Value.ToLowerInvariant() switch
        {
            "active" => SubscriptionPhase.Active,
            "pending" => SubscriptionPhase.Pending,
            "terminated" => SubscriptionPhase.Terminated,
            _ => null,
        };
        if (phase is null || !TryNumber(value!, "expires", out uint? expires)
            || !TryNumber(value!, "retry-after", out uint? retryAfter))
        {
            return false;
        }

        state = new(phase.Value, expires, value!.Parameters["reason"], retryAfter);
        return true;
    }

    /// <summary>The value as it is written.</summary>
    public override string ToString()
    {
        SipParameters parameters = SipParameters.Empty;
        parameters = Reason is null ? parameters : parameters.With("reason", Reason);
        parameters = Expires is uint expires ? parameters.With("expires", Text(expires)) : parameters;
        parameters = RetryAfter is uint retry ? parameters.With("retry-after", Text(retry)) : parameters;
        return new SipTokenValue(Phase.ToString().ToLowerInvariant(), parameters).ToString();
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool TryNumber(SipTokenValue value, string name, out uint? number)
    {
        number = null;
        if (value.Parameters[name] is not string text)
        {
            return true;
        }

        bool read = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint parsed);
        number = parsed;
        return read;
    }
}
