using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Events;

/// <summary>How far each receiver is: for metrics, for the health check, and for who waits until all have acknowledged.</summary>
internal sealed class EventProgress
{
    private readonly ConcurrentDictionary<string, Standing> standings = new(StringComparer.Ordinal);
    private readonly TimeProvider time;
    private readonly Counter<long> deliveries;
    private volatile TaskCompletionSource changed = NewChange();

    [SuppressMessage("Reliability", "CA2000", Justification = "The factory owns the meter.")]
    public EventProgress(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        Meter meter = meters.Create(IdmSettings.Names.Source);
        deliveries = meter.CreateCounter<long>(
            "watchword.idm.events.deliveries", "{delivery}", "Attempts to deliver a security event or a heartbeat, by receiver and outcome.");
        meter.CreateObservableGauge(
            "watchword.idm.events.backlog", () => Measure(standing => standing.Stream.LastSequence - standing.Stream.AcknowledgedSequence),
            "{event}", "Security events that a receiver has not acknowledged.");
        meter.CreateObservableGauge(
            "watchword.idm.events.oldest_age", () => Measure(standing => (long)AgeOf(standing).TotalSeconds),
            "s", "Age of the oldest security event that a receiver has not acknowledged.");
    }

    /// <summary>The age of the oldest event that any receiver has not acknowledged.</summary>
    public TimeSpan OldestAge => standings.Values.Select(AgeOf).DefaultIfEmpty().Max();

    public void Attempted(string audience, string outcome) => deliveries.Add(
        1, new("receiver", audience), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Notes what a deliverer read.</summary>
    public void Report(EventStreamState stream, DateTimeOffset? oldest)
    {
        standings[stream.Audience] = new Standing(stream, oldest);
        Interlocked.Exchange(ref changed, NewChange()).TrySetResult();
    }

    /// <summary>Waits until every stream has acknowledged what it held when it was read, but not longer than it is
    /// worth.</summary>
    public async Task<IReadOnlyList<ReceiverView>> WaitAsync(
        IReadOnlyList<EventStreamState> streams, TimeSpan longest, CancellationToken cancellation)
    {
        Task late = Task.Delay(longest, time, cancellation);
        while (true)
        {
            Task next = changed.Task;
            ReceiverView[] views =
                [.. streams.Select(stream => new ReceiverView { Audience = stream.Audience, Acknowledged = HasAcknowledged(stream) })];
            if (views.All(view => view.Acknowledged) || late.IsCompleted)
            {
                return views;
            }

            await Task.WhenAny(next, late);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A stream that began anew since then holds the change in its snapshot.</summary>
    private bool HasAcknowledged(EventStreamState then) =>
        standings.TryGetValue(then.Audience, out Standing? now) && (now.Stream.Epoch == then.Epoch
            ? now.Stream.AcknowledgedSequence >= then.LastSequence
            : now.Stream.Epoch > then.Epoch && now.Stream.AcknowledgedSequence == now.Stream.LastSequence);

    private IEnumerable<Measurement<long>> Measure(Func<Standing, long> value) => standings.Select(
        entry => new Measurement<long>(value(entry.Value), new KeyValuePair<string, object?>("receiver", entry.Key)));

    private TimeSpan AgeOf(Standing standing) => standing.Oldest is { } oldest && time.GetUtcNow() - oldest is var age && age > TimeSpan.Zero
        ? age
        : TimeSpan.Zero;

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Standing(EventStreamState Stream, DateTimeOffset? Oldest);
}

/// <summary>Degraded, which is still ready, while a receiver has not acknowledged an event for a minute.</summary>
internal sealed class EventCheck(EventProgress progress) : IHealthCheck
{
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(progress.OldestAge > Late ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy());
}
