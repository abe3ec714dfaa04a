namespace Watchword.Authorization;

/// <summary>
/// Keeps the standing of subjects in memory, for a resource server of one node without a store: after a start it knows nothing,
/// asks each issuer for a snapshot, and until that is there the policy of the issuer decides.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class MemorySecurityEventSink(TimeProvider time) : ISecurityEventSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, EventStreamState> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Issuer, string Subject), (SubjectStanding Standing, long Epoch)> _subjects = [];

    /// <inheritdoc/>
    public Task<SecurityEventOutcome> AcceptAsync(SecurityEvent securityEvent, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            (StreamOutcome outcome, EventStreamState? after) = EventStreamState.Advance(
                _streams.GetValueOrDefault(securityEvent.Issuer), securityEvent, time.GetUtcNow());
            if (outcome == StreamOutcome.Applied)
            {
                _streams[securityEvent.Issuer] = after!;
                Apply(securityEvent);
            }

            return Task.FromResult(new SecurityEventOutcome(outcome, after));
        }
    }

    /// <inheritdoc/>
    public ValueTask<EventStreamState?> GetStreamStateAsync(string issuer, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_streams.GetValueOrDefault(issuer));
        }
    }

    /// <inheritdoc/>
    public ValueTask<SubjectStanding> GetStandingAsync(string issuer, string subject, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_subjects.GetValueOrDefault((issuer, subject)).Standing);
        }
    }

    private void Apply(SecurityEvent securityEvent)
    {
        foreach (SubjectChange change in securityEvent.Changes)
        {
            (string, string) key = (securityEvent.Issuer, change.Subject);
            _subjects[key] = (change.ApplyTo(_subjects.GetValueOrDefault(key).Standing), securityEvent.Epoch);
        }

        if (securityEvent.EndsSnapshot)
        {
            (string, string)[] gone = [.. _subjects
                .Where(entry => entry.Key.Issuer == securityEvent.Issuer && entry.Value.Epoch < securityEvent.Epoch)
                .Select(entry => entry.Key)];
            foreach ((string, string) key in gone)
            {
                _subjects.Remove(key);
            }
        }
    }
}
