using System.Threading.RateLimiting;
using Watchword.Authorization;

namespace Watchword.Kms.Server.Administration;

/// <summary>A limit per administrator, (issuer, subject).</summary>
internal static class AdminRateLimit
{
    public const string PolicyName = "administrator";

    public static RateLimitPartition<(string Issuer, string Subject)> PartitionFor(HttpContext context)
    {
        int limit = context.RequestServices.GetRequiredService<AdminSettings>().RequestsPerMinute;
        (string Issuer, string Subject) key = context.GetAccessToken() is { } token ? (token.Issuer, token.Subject) : default;
        return RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit,
            TokensPerPeriod = limit,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
        });
    }
}
