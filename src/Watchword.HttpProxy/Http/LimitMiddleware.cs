using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Watchword.HttpProxy.Configuration;

namespace Watchword.HttpProxy.Http;

/// <summary>
/// How much one client, and all together, may ask at a time and in a minute. A client is its certificate, or else its address
/// (of IPv6 the first 64 bits).
/// </summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly PartitionedRateLimiter<string>? _perMinute;
    private readonly PartitionedRateLimiter<string> _ofOne;
    private readonly ConcurrencyLimiter _ofAll;

    public RequestLimits(ProxySettings settings)
    {
        LimitSettings limits = settings.Limits;
        _perMinute = limits.RequestsPerMinute == 0 ? null : PartitionedRateLimiter.Create<string, string>(
            client => RateLimitPartition.GetTokenBucketLimiter(client, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limits.RequestsPerMinute,
                TokensPerPeriod = Math.Max(1, limits.RequestsPerMinute / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1d, 60d / limits.RequestsPerMinute)),
                QueueLimit = 0,
            }), StringComparer.Ordinal);
        _ofOne = PartitionedRateLimiter.Create<string, string>(
            client => RateLimitPartition.GetConcurrencyLimiter(
                client, _ => new ConcurrencyLimiterOptions { PermitLimit = limits.ConcurrentRequestsPerClient, QueueLimit = 0 }),
            StringComparer.Ordinal);
        _ofAll = new ConcurrencyLimiter(
            new ConcurrencyLimiterOptions { PermitLimit = limits.ConcurrentRequests, QueueLimit = 0 });
    }

    /// <summary>Takes a request in; the leases are to be disposed when it is done.</summary>
    /// <exception cref="ProxyException">One of the limits is reached.</exception>
    public Admission Enter(HttpContext context)
    {
        string client = ClientOf(context.Connection);
        using (RateLimitLease? minute = _perMinute?.AttemptAcquire(client))
        {
            Require(minute, ProxyError.TooManyRequests);
        }

        RateLimitLease ofOne = _ofOne.AttemptAcquire(client);
        Require(ofOne, ProxyError.TooManyRequests);
        RateLimitLease ofAll = _ofAll.AttemptAcquire();
        if (!ofAll.IsAcquired)
        {
            ofOne.Dispose();
        }

        Require(ofAll, ProxyError.TooBusy);
        return new Admission(ofOne, ofAll);
    }

    public void Dispose()
    {
        _perMinute?.Dispose();
        _ofOne.Dispose();
        _ofAll.Dispose();
    }

    private static void Require(RateLimitLease? lease, ProxyError otherwise)
    {
        if (lease is { IsAcquired: false })
        {
            lease.Dispose();
            throw new ProxyException(otherwise);
        }
    }

    private static string ClientOf(ConnectionInfo connection)
    {
        if (connection.ClientCertificate is { } certificate)
        {
            return certificate.GetCertHashString(HashAlgorithmName.SHA256);
        }

        IPAddress address = connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}

/// <summary>A request that was taken in.</summary>
internal readonly struct Admission(RateLimitLease ofOne, RateLimitLease ofAll) : IDisposable
{
    public void Dispose()
    {
        ofAll.Dispose();
        ofOne.Dispose();
    }
}

/// <summary>Holds every request to the limits.</summary>
internal sealed class LimitMiddleware(RequestDelegate next, RequestLimits limits)
{
    public async Task InvokeAsync(HttpContext context)
    {
        using Admission admission = limits.Enter(context);
        await next(context);
    }
}
