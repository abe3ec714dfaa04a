namespace Watchword.Authorization;

/// <summary>What a subject of an issuer may do.</summary>
public enum SubjectState
{
    /// <summary>Everything that its tokens say.</summary>
    Enabled = 0,

    /// <summary>Nothing, until it is enabled again.</summary>
    Disabled = 1,

    /// <summary>Nothing, for good: the issuer gives a <c>sub</c> out once.</summary>
    Removed = 2,
}

/// <summary>The standing of a subject as far as the events of its issuer tell.</summary>
/// <param name="State">What it may do.</param>
/// <param name="TokensEndedAt">Tokens whose <c>iat</c> is in this second or before are void; null if none are.</param>
public readonly record struct SubjectStanding(SubjectState State, DateTimeOffset? TokensEndedAt)
{
    /// <summary>
    /// Whether a token that was issued at <paramref name="issuedAt"/> is good; one that does not say when is not, once any have
    /// ended.
    /// </summary>
    /// <returns><see cref="AuthorizationFault.None"/>, <see cref="AuthorizationFault.SubjectDisabled"/> or
    /// <see cref="AuthorizationFault.TokenEnded"/>.</returns>
    public AuthorizationFault Judge(DateTimeOffset? issuedAt)
    {
        if (State != SubjectState.Enabled)
        {
            return AuthorizationFault.SubjectDisabled;
        }

        return TokensEndedAt is { } ended && !(issuedAt?.ToUnixTimeSeconds() > ended.ToUnixTimeSeconds())
            ? AuthorizationFault.TokenEnded
            : AuthorizationFault.None;
    }
}

/// <summary>What an event changes for one subject.</summary>
/// <param name="Subject">The <c>sub</c>.</param>
/// <param name="State">The new state; null leaves it.</param>
/// <param name="TokensEndedAt">Until when tokens are void; null leaves it.</param>
public sealed record SubjectChange(string Subject, SubjectState? State, DateTimeOffset? TokensEndedAt)
{
    /// <summary>The standing after the change. Tokens that have ended never come back.</summary>
    public SubjectStanding ApplyTo(SubjectStanding before) => new(
        State ?? before.State,
        TokensEndedAt is null || before.TokensEndedAt > TokensEndedAt ? before.TokensEndedAt : TokensEndedAt);

    /// <summary>The type's name: subjects stay out of logs.</summary>
    public override string ToString() => nameof(SubjectChange);
}

/// <summary>
/// A security event of a trusted issuer for this server, its signature and its claims checked. Not yet put in order:
/// <see cref="EventStreamState.Advance"/> does that. Immutable.
/// </summary>
public sealed class SecurityEvent
{
    internal SecurityEvent(
        string issuer, string type, string jti, long epoch, long sequence, DateTimeOffset issuedAt, DateTimeOffset occurredAt)
    {
        Issuer = issuer;
        Type = type;
        Jti = jti;
        Epoch = epoch;
        Sequence = sequence;
        IssuedAt = issuedAt;
        OccurredAt = occurredAt;
    }

    /// <summary>The trusted issuer, exactly as configured.</summary>
    public string Issuer { get; }

    /// <summary>The type, one of <see cref="Watchword.Identity.SecurityEventTypes"/> or one that means nothing here.</summary>
    public string Type { get; }

    /// <summary>The <c>jti</c>, the same at every attempt of one event.</summary>
    public string Jti { get; }

    /// <summary>The run of numbers.</summary>
    public long Epoch { get; }

    /// <summary>The number in the run, from 1; of a heartbeat the number of the newest event, from 0.</summary>
    public long Sequence { get; }

    /// <summary>When the token was signed.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset OccurredAt { get; }

    /// <summary>True for a heartbeat.</summary>
    public bool IsHeartbeat { get; internal init; }

    /// <summary>Of a heartbeat, <c>jti</c> of the newest event.</summary>
    public string? NewestJti { get; internal init; }

    /// <summary>True for the first page of a snapshot, with which a run begins.</summary>
    public bool BeginsSnapshot { get; internal init; }

    /// <summary>True for any page of a snapshot.</summary>
    public bool IsSnapshot { get; internal init; }

    /// <summary>True for the last page of a snapshot: subjects that none of its pages has are enabled.</summary>
    public bool EndsSnapshot { get; internal init; }

    /// <summary>The subject; null in heartbeats and snapshots.</summary>
    public string? Subject { get; internal init; }

    /// <summary>MC service IDs, or the URI of an entity, that the event concerns: those from before and those from
    /// after.</summary>
    public IReadOnlyList<string> Identities { get; internal init; } = [];

    /// <summary>What changes, in the order in which it must be applied.</summary>
    public IReadOnlyList<SubjectChange> Changes { get; internal init; } = [];

    internal SecurityEvent With(bool heartbeat, string? newest) =>
        new(Issuer, Type, Jti, Epoch, Sequence, IssuedAt, OccurredAt) { IsHeartbeat = heartbeat, NewestJti = newest };

    internal SecurityEvent With(string subject, IReadOnlyList<string> identities, SubjectChange change) =>
        new(Issuer, Type, Jti, Epoch, Sequence, IssuedAt, OccurredAt)
        {
            Subject = subject,
            Identities = identities,
            Changes = [change],
        };

    internal SecurityEvent With(bool begins, bool ends, IReadOnlyList<SubjectChange> changes) =>
        new(Issuer, Type, Jti, Epoch, Sequence, IssuedAt, OccurredAt)
        {
            IsSnapshot = true,
            BeginsSnapshot = begins,
            EndsSnapshot = ends,
            Changes = changes,
        };

    /// <summary>The type's name: subjects and identities stay out of logs.</summary>
    public override string ToString() => nameof(SecurityEvent);
}
