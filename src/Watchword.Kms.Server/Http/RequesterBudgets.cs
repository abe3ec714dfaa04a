using System.Collections.Concurrent;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// How much each requester may still ask: a bucket of as many requests as a minute allows, filled evenly. Kept as one time for
/// each, when his bucket will be full again (the generic cell rate algorithm, ITU-T I.371), so that nothing runs in the
/// background: the limiters of the framework look at all requesters ten times a second.
/// </summary>
/// <param name="perMinute">Requests a minute, at least 1.</param>
/// <param name="time">The clock.</param>
internal sealed class RequesterBudgets(int perMinute, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _cost = Minute / perMinute;
    private volatile Buckets _buckets = new(time.GetTimestamp(), [], []);

    /// <summary>Takes one request from the bucket.</summary>
    /// <param name="requester">Issuer and subject.</param>
    /// <param name="wait">When to ask again, if this is too much.</param>
    public bool TryTake((string Issuer, string Subject) requester, out TimeSpan wait)
    {
        Buckets buckets = Turn();
        Bucket bucket = buckets.Recent.GetOrAdd(
            requester,
            static (key, before) => before.TryGetValue(key, out Bucket? known) ? known : new Bucket(),
            buckets.Before);
        lock (bucket)
        {
            TimeSpan now = time.GetElapsedTime(0, time.GetTimestamp());
            TimeSpan full = bucket.FullAt > now ? bucket.FullAt : now;
            wait = full + _cost - Minute - now;
            if (wait > TimeSpan.Zero)
            {
                return false;
            }

            bucket.FullAt = full + _cost;
            wait = TimeSpan.Zero;
            return true;
        }
    }

    /// <summary>A bucket that nobody took from for a minute is full: it is forgotten with the minute before.</summary>
    private Buckets Turn()
    {
        Buckets buckets = _buckets;
        if (time.GetElapsedTime(buckets.Since) < Minute)
        {
            return buckets;
        }

        Interlocked.CompareExchange(ref _buckets, new Buckets(time.GetTimestamp(), [], buckets.Recent), buckets);
        return _buckets;
    }

    private sealed class Bucket
    {
        public TimeSpan FullAt { get; set; }
    }

    private sealed record Buckets(
        long Since,
        ConcurrentDictionary<(string Issuer, string Subject), Bucket> Recent,
        ConcurrentDictionary<(string Issuer, string Subject), Bucket> Before);
}
