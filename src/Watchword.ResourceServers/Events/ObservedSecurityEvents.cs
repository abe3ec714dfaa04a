using Watchword.Authorization;

namespace Watchword.ResourceServers.Events;

/// <summary>Told of subjects whose standing changed, before the event is acknowledged.</summary>
internal interface ISubjectObserver
{
    /// <summary>
    /// Acts on what became of subjects, and returns when that is stored. Told again whatever a restart made uncertain: acting twice
    /// must do no harm.
    /// </summary>
    /// <param name="issuer">The trusted issuer.</param>
    /// <param name="subjects">Those that may do nothing now, or whose tokens have ended, with their standing.</param>
    /// <param name="cancellationToken">Stops it; the issuer tells again.</param>
    Task SubjectsChangedAsync(
        string issuer, IReadOnlyList<(string Subject, SubjectStanding Standing)> subjects, CancellationToken cancellationToken);
}

/// <summary>
/// Security events of the IdM servers (TS 33.180 5.1.3, RFC 8417): kept in memory, with a snapshot of each issuer after a start, and
/// told to the services that hold something of a subject. An event whose observers fail is not acknowledged, so it comes again.
/// </summary>
internal sealed class ObservedSecurityEvents(MemorySecurityEventSink memory, IEnumerable<ISubjectObserver> observers) : ISecurityEventSink
{
    private readonly ISubjectObserver[] _observers = [.. observers];

    /// <inheritdoc/>
    public async Task<SecurityEventOutcome> AcceptAsync(SecurityEvent securityEvent, CancellationToken cancellationToken)
    {
        (string, SubjectStanding)[] concerned =
        [
            .. securityEvent.Changes.Select(change => (change.Subject, change.ApplyTo(default)))
                .Where(subject => subject.Item2.State != SubjectState.Enabled || subject.Item2.TokensEndedAt is not null),
        ];

        // Before it counts as heard: acting on an event that is then put off, or comes again, does no harm; the other way round would.
        if (concerned.Length > 0)
        {
            foreach (ISubjectObserver observer in _observers)
            {
                await observer.SubjectsChangedAsync(securityEvent.Issuer, concerned, cancellationToken);
            }
        }

        return await memory.AcceptAsync(securityEvent, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<EventStreamState?> GetStreamStateAsync(string issuer, CancellationToken cancellationToken) =>
        memory.GetStreamStateAsync(issuer, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SubjectStanding> GetStandingAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        memory.GetStandingAsync(issuer, subject, cancellationToken);
}
