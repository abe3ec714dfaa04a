using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Watchword.Authorization;
using Watchword.Kms.Server.Administration;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Http;

/// <summary>A limit per requester, (issuer, subject): some deployed clients repeat ten times without pause.</summary>
internal static class RequesterRateLimit
{
    public const string PolicyName = "requester";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static RateLimitPartition<(string Issuer, string Subject)> PartitionFor(HttpContext context)
    {
        int limit = context.RequestServices.GetRequiredService<KmsSettings>().RequestsPerMinute;
        (string Issuer, string Subject) key = context.GetAccessToken() is { } token ? (token.Issuer, token.Subject)
            : AssertedEntity.From(context.User) is { } entity ? (entity.Issuer, entity.Uri)
            : default;
        return limit == 0 || key == default
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limit,
                TokensPerPeriod = limit,
                ReplenishmentPeriod = Window,
                QueueLimit = 0,
            });
    }

    public static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        TimeSpan wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan told) ? told : Window;
        HttpContext context = rejected.HttpContext;
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.RequestServices.GetRequiredService<ClientProfiles>().Count(context, Quirk.RetryStorm);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (AdminListener.Has(context))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            await AdminProblems.WriteAsync(context, KmsError.TooManyRequests);
            return;
        }

        await context.RequestServices.GetRequiredService<KmsAnswers>().WriteErrorAsync(context, KmsError.TooManyRequests);
    }
}
