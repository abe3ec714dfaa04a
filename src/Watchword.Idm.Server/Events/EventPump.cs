using System.Security.Cryptography;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Events;

/// <summary>
/// Delivers to one receiver, one token at a time and in order: the first event that was not acknowledged, or, where there is none
/// and it is due, a heartbeat. An event stays first until it was acknowledged. What the receiver says of its own position decides
/// where to go on: forward, back to what it lost, or from the beginning of a new epoch.
/// </summary>
internal sealed class EventPump(
    string audience, EventReceiverOptions options, IServiceScopeFactory scopes, SecurityEventTokens tokens, EventSignal signal,
    EventProgress progress, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly EventConnection connection = new(options);
    private long? heartbeatAt;
    private int failures;
    private int setbacks;

    public async Task RunAsync(CancellationToken stopping)
    {
        signal.Register(audience);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await StepAsync(stopping) is { } idle)
                {
                    await signal.WaitAsync(audience, idle, time, stopping);
                }

                failures = 0;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                await PauseAsync(fault, stopping);
            }
        }
    }

    public void Dispose() => connection.Dispose();

    /// <summary>Sends what is next; gives how long there is nothing to do, or null where there may be more.</summary>
    private async Task<TimeSpan?> StepAsync(CancellationToken stopping)
    {
        // The time before the stream is read: a heartbeat vouches for nothing that came later.
        DateTimeOffset now = time.GetUtcNow();
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        EventStreams streams = scope.ServiceProvider.GetRequiredService<EventStreams>();
        (EventStreamState stream, OutboundEvent? next) = await streams.ReadAsync(audience, stopping);
        progress.Report(stream, next?.OccurredAt);
        if (next is null && stream.AcknowledgedSequence < stream.LastSequence)
        {
            // The event that is due is not kept any more.
            await RestartAsync(streams, least: 0, stopping);
            return null;
        }

        string token;
        if (next is not null)
        {
            token = tokens.Sign(stream, next, now, options.SigningAlgorithm);
        }
        else if (heartbeatAt is { } last && options.HeartbeatInterval - time.GetElapsedTime(last) is var left && left > TimeSpan.Zero)
        {
            return left;
        }
        else
        {
            OutboundEvent? newest = await streams.FindAsync(audience, stream.LastSequence, stopping);
            token = tokens.SignHeartbeat(stream, newest?.Jti, now, options.SigningAlgorithm);
        }

        long sentAt = time.GetTimestamp();
        DeliveryAnswer answer = await connection.SendAsync(token, stopping);
        progress.Attempted(audience, answer.Taken ? "accepted" : "refused");
        await FollowAsync(streams, stream, next, answer, stopping);
        if (next is null)
        {
            heartbeatAt = sentAt;
        }

        return null;
    }

    private async Task FollowAsync(
        EventStreams streams, EventStreamState stream, OutboundEvent? sent, DeliveryAnswer answer, CancellationToken stopping)
    {
        if (answer.WantsRestart || answer.Position?.Epoch > stream.Epoch)
        {
            await RestartAsync(streams, (answer.Position?.Epoch ?? 0) + 1, stopping);
        }
        else if (answer.Position is { } position && position.Epoch == stream.Epoch && position.Sequence != stream.AcknowledgedSequence)
        {
            await MoveAsync(streams, stream, position.Sequence, stopping);
        }
        else if (!answer.Taken || (sent is not null && answer.Position is not null))
        {
            // Refused, or taken without getting anywhere: both may pass, so both are tried again.
            throw new EventRefusedException(answer.Status, answer.Error);
        }
        else if (sent is not null)
        {
            // A receiver that knows RFC 8935 and no positions.
            await MoveAsync(streams, stream, sent.Sequence, stopping);
        }
        else
        {
            setbacks = 0;
        }
    }

    private async Task MoveAsync(EventStreams streams, EventStreamState stream, long sequence, CancellationToken stopping)
    {
        if (sequence < stream.AcknowledgedSequence)
        {
            Log.EventStreamRewound(logger, audience, stream.AcknowledgedSequence, sequence);
            await SetBackAsync(stopping);
        }

        await streams.MoveAsync(stream, sequence, stopping);
        (EventStreamState moved, OutboundEvent? next) = await streams.ReadAsync(audience, stopping);
        progress.Report(moved, next?.OccurredAt);
    }

    private async Task RestartAsync(EventStreams streams, long least, CancellationToken stopping)
    {
        await SetBackAsync(stopping);
        await streams.RestartAsync(audience, least, stopping);
        Log.EventStreamRestarted(logger, audience);
    }

    /// <summary>The first time at once; a receiver that forgets again and again is not served in a circle.</summary>
    private async Task SetBackAsync(CancellationToken stopping)
    {
        if (setbacks++ > 0)
        {
            await Task.Delay(PauseAfter(setbacks - 1), time, stopping);
        }
    }

    private async Task PauseAsync(Exception fault, CancellationToken stopping)
    {
        failures++;
        if (fault is EventRefusedException refusal)
        {
            Log.EventRefused(logger, audience, refusal.Status, refusal.Error ?? "none");
        }
        else if (fault is HttpRequestException or OperationCanceledException or IOException)
        {
            progress.Attempted(audience, "unreachable");
            Log.EventReceiverUnreachable(logger, audience, failures, fault);
        }
        else
        {
            Log.EventDeliveryFailed(logger, audience, fault);
        }

        try
        {
            await Task.Delay(PauseAfter(failures), time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The server stops: the loop ends.
        }
    }

    /// <summary>Doubles from a quarter of a second to ten seconds, of which a random half to the whole is waited.</summary>
    private static TimeSpan PauseAfter(int count)
    {
        double longest = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(count - 1, 10)));
        return TimeSpan.FromMilliseconds(longest * RandomNumberGenerator.GetInt32(500, 1001) / 1000);
    }

    /// <summary>The receiver did not take what was sent.</summary>
    private sealed class EventRefusedException(int status, string? error) : Exception
    {
        public int Status { get; } = status;

        public string? Error { get; } = error;
    }
}
