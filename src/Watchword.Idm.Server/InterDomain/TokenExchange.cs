using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using Watchword.Identity;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>A security token and how long it lives; or why there is none.</summary>
internal sealed record Exchange(string? Token, TimeSpan Lifetime, ExchangeRefusal? Refusal)
{
    public static Exchange Refused(ExchangeRefusal refusal) => new(null, default, refusal);
}

/// <summary>
/// The primary's side (TS 33.180 B.7.2, B.7.3): a user's access token becomes a security token for one partner. OpenIddict has
/// checked that token as one of ours, and that it was not revoked; here its client, its account and the partner are looked at.
/// </summary>
internal sealed class TokenExchange(
    IOptions<IdmOptions> options, AccountDirectory accounts, IdmDbContext database, SecurityTokens tokens, InterDomainMetrics metrics,
    TimeProvider time, ILogger<TokenExchange> logger)
{
    /// <summary>Exchanges the token that <paramref name="subject"/> was read from.</summary>
    public async Task<Exchange> RunAsync(OpenIddictRequest request, ClaimsPrincipal subject, CancellationToken cancellation)
    {
        Exchange result = await DecideAsync(request, subject, cancellation);
        metrics.Exchanged(result.Refusal);
        if (result.Refusal is { } refusal)
        {
            Log.ExchangeRefused(logger, request.ClientId!, refusal);
        }

        return result;
    }

    private async Task<Exchange> DecideAsync(OpenIddictRequest request, ClaimsPrincipal subject, CancellationToken cancellation)
    {
        ImmutableArray<string> resources = request.GetResources();
        if (resources.Length != 1 || !string.IsNullOrEmpty(request.ActorToken))
        {
            return Exchange.Refused(ExchangeRefusal.Request);
        }

        if (options.Value.PartnerServers.SingleOrDefault(server => server.Resource == resources[0]) is not { } partner)
        {
            return Exchange.Refused(ExchangeRefusal.Partner);
        }

        if (subject.GetClaim(Claims.ClientId) != request.ClientId)
        {
            return Exchange.Refused(ExchangeRefusal.OtherClient);
        }

        if (await accounts.FindBySubjectAsync(subject.GetClaim(Claims.Subject), cancellation) is not { IsEnabled: true } account)
        {
            return Exchange.Refused(ExchangeRefusal.Account);
        }

        SubjectRecord? standing = await database.Subjects.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Subject == account.Subject, cancellation);
        if (standing is not null && standing.HasEnded(subject.GetCreationDate()))
        {
            return Exchange.Refused(ExchangeRefusal.Ended);
        }

        return Make(request, subject, partner, account);
    }

    private Exchange Make(OpenIddictRequest request, ClaimsPrincipal subject, PartnerServerOptions partner, Account account)
    {
        // A token that was narrowed to one service asserts no other to a partner either.
        ImmutableArray<McService> opened =
        [
            .. AnnexB.Services.Where(service => partner.Services.Any(name => ServiceNames.TryParse(name, out McService known) && known == service)
                && account.ServiceIdFor(service) is not null
                && AnnexB.Resources.Any(resource => subject.HasScope(McScopes.For(service, resource)))),
        ];
        DateTimeOffset now = time.GetUtcNow();
        // A whole number of seconds, and no more than the access token has left.
        TimeSpan left = TimeSpan.FromSeconds((long)(subject.GetExpirationDate()!.Value - now).TotalSeconds);
        if (left <= TimeSpan.Zero)
        {
            return Exchange.Refused(ExchangeRefusal.Ended);
        }

        if (opened.IsEmpty)
        {
            return Exchange.Refused(ExchangeRefusal.NoService);
        }

        TimeSpan lifetime = left < partner.TokenLifetime ? left : partner.TokenLifetime;
        string token = tokens.Sign(partner, account, opened, request.ClientId!, now, lifetime);
        Log.SecurityTokenIssued(logger, account.Subject, request.ClientId!, partner.Resource, opened.Length);
        return new Exchange(token, lifetime, Refusal: null);
    }
}
