using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Watchword.Client;

/// <summary>
/// How long to wait before a repetition: random between nothing and a limit that doubles, or as long as the server says.
/// </summary>
internal static class BackOff
{
    /// <summary>
    /// The wait after the failed attempt number <paramref name="attempt"/> (from 1); null if the server asks for more than is
    /// waited for.
    /// </summary>
    public static TimeSpan? After(int attempt, RetryConditionHeaderValue? retryAfter, KmClientOptions options, TimeProvider time)
    {
        TimeSpan? asked = Asked(retryAfter, time);
        if (asked > options.MaxDelay)
        {
            return null;
        }

        double limit = Math.Min(options.FirstDelay.TotalMilliseconds * Math.Pow(2, attempt - 1), options.MaxDelay.TotalMilliseconds);
        TimeSpan jitter = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)limit + 1));
        // Many clients are told the same time: the random part on top keeps them from coming back together.
        return asked is { } wait && wait > TimeSpan.Zero ? wait + jitter : jitter;
    }

    /// <summary>How long the server asks to be left alone; null if it says nothing.</summary>
    public static TimeSpan? Asked(RetryConditionHeaderValue? retryAfter, TimeProvider time) =>
        retryAfter?.Delta ?? (retryAfter?.Date - time.GetUtcNow());
}
