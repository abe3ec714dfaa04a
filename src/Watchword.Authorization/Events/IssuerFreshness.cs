using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Watchword.Authorization.Configuration;

namespace Watchword.Authorization.Events;

/// <summary>
/// What is known of a token's subject beyond the token: its standing by the issuer's events, if those are complete up to a moment
/// ago; else what introspection says of the token; else the issuer's policy.
/// </summary>
internal sealed class IssuerFreshness(
    ISecurityEventSink sink, IOptions<ResourceServerOptions> options, TimeProvider time, AuthorizationMetrics metrics,
    ILogger<IssuerFreshness> logger)
{
    /// <summary>Judges a token that is good by itself.</summary>
    /// <returns>Who it speaks for, or why it is refused.</returns>
    public async ValueTask<AccessTokenValidation> CheckAsync(
        TrustedIssuer issuer, AccessTokenPrincipal principal, string token, CancellationToken cancellationToken)
    {
        if (issuer.Policy == SilencePolicy.Off)
        {
            return new AccessTokenValidation(principal, AuthorizationFault.None);
        }

        // The stream before the standing: what was complete then is in what is read after it.
        EventStreamState? stream = await sink.GetStreamStateAsync(issuer.Name, cancellationToken);
        SubjectStanding standing = await sink.GetStandingAsync(issuer.Name, principal.Subject, cancellationToken);
        AuthorizationFault fault = standing.Judge(principal.IssuedAt);
        if (fault != AuthorizationFault.None)
        {
            return Refused(principal, fault);
        }

        if (IsFresh(stream, issuer))
        {
            return new AccessTokenValidation(principal, AuthorizationFault.None);
        }

        // The answer counts from the question: what the issuer does meanwhile is not in it.
        DateTimeOffset asked = time.GetUtcNow();
        bool? active = issuer.Introspection is { } introspection
            ? await introspection.IsActiveAsync(token, cancellationToken)
            : null;
        return active switch
        {
            true => new AccessTokenValidation(principal.Confirmed(asked), AuthorizationFault.None),
            false => Refused(principal, AuthorizationFault.TokenEnded),
            null when issuer.Policy == SilencePolicy.Allow => Allow(issuer, principal),
            null => Refused(principal, AuthorizationFault.IssuerSilent, options.Value.FetchRetryDelay),
        };
    }

    private static AccessTokenValidation Refused(
        AccessTokenPrincipal principal, AuthorizationFault fault, TimeSpan? retryAfter = null) =>
        new(null, fault, retryAfter) { RefusedPrincipal = principal };

    private bool IsFresh(EventStreamState? stream, TrustedIssuer issuer) =>
        stream?.CompleteAt is { } complete && time.GetUtcNow() - complete <= issuer.MaxSilence;

    private AccessTokenValidation Allow(TrustedIssuer issuer, AccessTokenPrincipal principal)
    {
        metrics.SilentIssuerAllowed(issuer.Name);
        logger.SilentIssuerAllowed(issuer.Name);
        return new AccessTokenValidation(principal, AuthorizationFault.None);
    }
}
