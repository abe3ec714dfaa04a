using System.Security.Claims;
using Microsoft.Extensions.Options;
using Watchword.Authorization;

namespace Watchword.Kms.Server.Events;

/// <summary>What must hold of a requester when the store records what is issued to him: what let his token in must still be so
/// then.</summary>
internal sealed class RequesterStanding(IOptions<ResourceServerOptions> options, TimeProvider time)
{
    /// <summary>An issuer whose word was recent enough for the token does not become silent while the key is made, nor is what he
    /// said of the token out of date by then.</summary>
    private static readonly TimeSpan Processing = TimeSpan.FromSeconds(5);

    /// <summary>The conditions for an authenticated requester.</summary>
    public IssuanceConditions ConditionsFor(ClaimsPrincipal user)
    {
        if (AccessTokenPrincipal.From(user) is not { } token)
        {
            return new IssuanceConditions();
        }

        SecurityEventOptions? events = options.Value.Issuers
            .Find(issuer => string.Equals(issuer.Issuer, token.Issuer, StringComparison.Ordinal))?.SecurityEvents;
        return new IssuanceConditions
        {
            TokenIssuedAt = token.IssuedAt,
            LongestSilence = events is { Policy: SilencePolicy.Refuse } && !WasJustConfirmed(token)
                ? events.MaxSilence + Processing
                : null,
        };
    }

    /// <summary>
    /// True where the token was let in although its issuer is silent: because he was just asked about it. Not for long: a body
    /// that is sent slowly must not stretch the answer beyond what he may have done since, and a stream that was heard when the
    /// token came and not since is silent all the same.
    /// </summary>
    private bool WasJustConfirmed(AccessTokenPrincipal token) =>
        token.ConfirmedAt is { } at && time.GetUtcNow() - at <= Processing;
}
