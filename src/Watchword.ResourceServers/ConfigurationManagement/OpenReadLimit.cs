using System.Threading.RateLimiting;

namespace Watchword.ResourceServers.ConfigurationManagement;

/// <summary>
/// How often initial configurations are read without a token: of all UEs together, and of each. The address of a UE is not known
/// behind the HTTP proxy, so the UE is the one that the request names; the limit of all bounds how many of those are remembered.
/// </summary>
internal sealed class OpenReadLimit : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly FixedWindowRateLimiter _all;
    private readonly PartitionedRateLimiter<string> _each;

    public OpenReadLimit(int all, int each)
    {
        _all = new FixedWindowRateLimiter(Options(all));
        _each = PartitionedRateLimiter.Create<string, string>(
            ue => RateLimitPartition.GetFixedWindowLimiter(ue, _ => Options(each)), StringComparer.Ordinal);
    }

    /// <summary>Takes one; false if there are too many.</summary>
    public bool TryTake(string ue)
    {
        using RateLimitLease all = _all.AttemptAcquire();
        if (!all.IsAcquired)
        {
            return false;
        }

        using RateLimitLease one = _each.AttemptAcquire(ue);
        return one.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.Dispose();
        _each.Dispose();
    }

    private static FixedWindowRateLimiterOptions Options(int permits) => new() { PermitLimit = permits, Window = Window };
}
