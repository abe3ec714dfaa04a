using System.Globalization;

namespace Watchword.Sip;

/// <summary>What a server of event state accepts: publications (RFC 3903) or subscriptions (RFC 6665).</summary>
public sealed record EventStateRules
{
    // RFC 6665 §4.2.1.1: an hour or more is never too brief.
    private const uint LongestMinimum = 3600;

    /// <summary>The event packages, compared without case.</summary>
    public required IReadOnlyList<string> EventPackages { get; init; }

    /// <summary>
    /// For publications the media types that a body may have, for subscriptions those that a NOTIFY can have; empty to leave it
    /// to the caller.
    /// </summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = [];

    /// <summary>The shortest time, in seconds; less is 423. Counts up to an hour.</summary>
    public uint MinExpires { get; init; } = 60;

    /// <summary>The longest time, in seconds; more is cut down to it.</summary>
    public uint MaxExpires { get; init; } = 86_400;

    /// <summary>The time if none is asked for, in seconds.</summary>
    public uint DefaultExpires { get; init; } = 3600;

    /// <summary>489 with Allow-Events, or null if the package is served (RFC 6665 §8.3.2, RFC 3903 §6).</summary>
    internal SipRefusal? CheckEvent(SipTokenValue? @event) =>
        @event is not null && EventPackages.Contains(@event.Value, StringComparer.OrdinalIgnoreCase)
            ? null
            : new(489, new SipHeader(SipHeaderNames.AllowEvents, string.Join(", ", EventPackages)));

    /// <summary>The time granted, or 423 with Min-Expires (RFC 3903 §6, RFC 6665 §4.2.1.1). 0 stays 0.</summary>
    internal SipRefusal? CheckExpires(uint? asked, out uint granted)
    {
        granted = Math.Min(asked ?? DefaultExpires, MaxExpires);
        uint minimum = Math.Min(MinExpires, LongestMinimum);
        return asked is > 0 && asked < minimum
            ? new(423, new SipHeader(SipHeaderNames.MinExpires, minimum.ToString(CultureInfo.InvariantCulture)))
            : null;
    }
}
