using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Watchword.Authorization.Configuration;

namespace Watchword.Authorization.Events;

/// <summary>
/// What is known of a token's subject beyond the token: its standing by the issuer's events, if those are complete up to a moment ago;
/// else what introspection says of the token; else the issuer's policy.
/// </summary>
internal sealed class IssuerFreshness(
    ISecurityEventSink sink, IOptions<ResourceServerOptions> options, TimeProvider time, AuthorizationMetrics metrics,
    ILogger<IssuerFreshness> logger)
{
    /// <summary>Judges a token that is good by itself.</summary>
    /// <returns>The fault, and, if it may pass by itself, when to try again.</returns>
    public async ValueTask<(AuthorizationFault Fault, TimeSpan? RetryAfter)> CheckAsync(
        TrustedIssuer issuer, AccessTokenPrincipal principal, string token, CancellationToken cancellationToken)
    {
        if (issuer.Policy == SilencePolicy.Off)
        {
            return (AuthorizationFault.None, null);
        }

        // The stream before the standing: what was complete then is in what is read after it.
        EventStreamState? stream = await sink.GetStreamStateAsync(issuer.Name, cancellationToken);
        SubjectStanding standing = await sink.GetStandingAsync(issuer.Name, principal.Subject, cancellationToken);
        AuthorizationFault fault = standing.Judge(principal.IssuedAt);
        if (fault != AuthorizationFault.None || IsFresh(stream, issuer))
        {
            return (fault, null);
        }

        bool? active = issuer.Introspection is { } introspection
            ? await introspection.IsActiveAsync(token, cancellationToken)
            : null;
        return active switch
        {
            true => (AuthorizationFault.None, null),
            false => (AuthorizationFault.TokenEnded, null),
            null when issuer.Policy == SilencePolicy.Allow => Allow(issuer),
            null => (AuthorizationFault.IssuerSilent, options.Value.FetchRetryDelay),
        };
    }

    private bool IsFresh(EventStreamState? stream, TrustedIssuer issuer) =>
        stream?.CompleteAt is { } complete && time.GetUtcNow() - complete <= issuer.MaxSilence;

    private (AuthorizationFault Fault, TimeSpan? RetryAfter) Allow(TrustedIssuer issuer)
    {
        metrics.SilentIssuerAllowed(issuer.Name);
        logger.SilentIssuerAllowed(issuer.Name);
        return (AuthorizationFault.None, null);
    }
}
