using System.Security.Claims;
using Microsoft.Extensions.Options;
using Watchword.Authorization;

namespace Watchword.Kms.Server.Events;

/// <summary>What must hold of a requester when the store records what is issued to him: what let his token in must still be so
/// then.</summary>
internal sealed class RequesterStanding(IOptions<ResourceServerOptions> options, ISecurityEventSink sink, TimeProvider time)
{
    /// <summary>An issuer whose word was recent enough for the token does not become silent while the key is made.</summary>
    private static readonly TimeSpan Processing = TimeSpan.FromSeconds(5);

    /// <summary>The conditions for an authenticated requester.</summary>
    public async ValueTask<IssuanceConditions> ConditionsForAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
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
            LongestSilence = events is { Policy: SilencePolicy.Refuse }
                && await IsFreshAsync(token.Issuer, events.MaxSilence, cancellationToken)
                    ? events.MaxSilence + Processing
                    : null,
        };
    }

    /// <summary>False where the token was let in although its issuer is silent: because he was just asked about it.</summary>
    private async ValueTask<bool> IsFreshAsync(string issuer, TimeSpan longest, CancellationToken cancellationToken) =>
        (await sink.GetStreamStateAsync(issuer, cancellationToken))?.CompleteAt is { } complete
        && time.GetUtcNow() - complete <= longest;
}
