using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Watchword.Authorization;
using Watchword.Kms.Server.Administration;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Http;

/// <summary>A limit per requester, (issuer, subject), on the endpoints that carry the mark: some deployed clients repeat ten
/// times without pause.</summary>
internal sealed class RequesterRateLimit(RequestDelegate next, KmsSettings settings, TimeProvider time)
{
    /// <summary>The mark of an endpoint that is limited.</summary>
    public static readonly object Mark = new RequesterLimited();

    private readonly RequesterBudgets? _budgets =
        settings.RequestsPerMinute == 0 ? null : new RequesterBudgets(settings.RequestsPerMinute, time);

    public Task InvokeAsync(HttpContext context) =>
        _budgets is null || context.GetEndpoint()?.Metadata.GetMetadata<RequesterLimited>() is null
            || RequesterOf(context) is not { } requester || _budgets.TryTake(requester, out TimeSpan wait)
            ? next(context)
            : RefuseAsync(context, wait);

    /// <summary>A refusal of the framework's limiter, which guards the administration.</summary>
    public static ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellationToken) => new(RefuseAsync(
        rejected.HttpContext,
        rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan told) ? told : TimeSpan.FromMinutes(1)));

    private static (string Issuer, string Subject)? RequesterOf(HttpContext context) =>
        context.GetAccessToken() is { } token ? (token.Issuer, token.Subject)
        : AssertedEntity.From(context.User) is { } entity ? (entity.Issuer, entity.Uri)
        : null;

    private static Task RefuseAsync(HttpContext context, TimeSpan wait)
    {
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.RequestServices.GetRequiredService<ClientProfiles>().Count(context, Quirk.RetryStorm);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (AdminListener.Has(context))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return AdminProblems.WriteAsync(context, KmsError.TooManyRequests);
        }

        return context.RequestServices.GetRequiredService<KmsAnswers>().WriteErrorAsync(context, KmsError.TooManyRequests);
    }

    private sealed record RequesterLimited;
}
