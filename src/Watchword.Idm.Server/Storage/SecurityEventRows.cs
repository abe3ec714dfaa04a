namespace Watchword.Idm.Server.Storage;

/// <summary>What a subject may do.</summary>
public enum SubjectState
{
    /// <summary>Enabled; the row is there for <see cref="SubjectRecord.TokensEndedAt"/>.</summary>
    Enabled = 0,

    /// <summary>Disabled.</summary>
    Disabled = 1,

    /// <summary>Removed for good.</summary>
    Removed = 2,
}

/// <summary>
/// The standing of a subject, account or network entity, that is or was not simply enabled. It outlives the account, so that a
/// subject is never given out again, and it is what a resource server without memory is told first.
/// </summary>
public sealed class SubjectRecord
{
    /// <summary>The <c>sub</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>What it may do.</summary>
    public required SubjectState State { get; set; }

    /// <summary>When the state changed.</summary>
    public required DateTimeOffset ChangedAt { get; set; }

    /// <summary>Tokens of that second and before are void; null where none are.</summary>
    public DateTimeOffset? TokensEndedAt { get; set; }

    /// <summary>True if a token of <paramref name="issuedAt"/> is void; one of an unknown time is.</summary>
    internal bool HasEnded(DateTimeOffset? issuedAt) =>
        TokensEndedAt is { } ended && !(issuedAt?.ToUnixTimeSeconds() > ended.ToUnixTimeSeconds());
}

/// <summary>The stream of events to one resource server.</summary>
public sealed class EventStreamState
{
    /// <summary>The resource server.</summary>
    public required string Audience { get; init; }

    /// <summary>The run of numbers: milliseconds since 1970 when it began, in any case greater than all before.</summary>
    public required long Epoch { get; set; }

    /// <summary>The number of the newest event.</summary>
    public required long LastSequence { get; set; }

    /// <summary>All events up to this one were acknowledged.</summary>
    public required long AcknowledgedSequence { get; set; }
}

/// <summary>One event for one resource server, kept until it was acknowledged and then for a while, in case it is asked for
/// again.</summary>
public sealed class OutboundEvent
{
    /// <summary>The resource server.</summary>
    public required string Audience { get; init; }

    /// <summary>Its number in the stream, from 1 without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>The <c>jti</c>, the same at every attempt.</summary>
    public required string Jti { get; init; }

    /// <summary>The type: one of <see cref="Watchword.Identity.SecurityEventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Whom it is about; null in a snapshot.</summary>
    public string? Subject { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The event's own members: a JSON object.</summary>
    public required string Payload { get; init; }
}
