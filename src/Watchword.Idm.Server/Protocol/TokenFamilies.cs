using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using OpenIddict.EntityFrameworkCore.Models;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// OpenIddict's manager of tokens. Where it revokes the tokens of a grant, because a code or refresh token was used twice, here the
/// grant itself is revoked as well: a token that another request is making at that moment is then worth nothing either.
/// </summary>
internal sealed class TokenFamilies(
    IOpenIddictTokenCache<OpenIddictEntityFrameworkCoreToken> cache,
    ILogger<OpenIddictTokenManager<OpenIddictEntityFrameworkCoreToken>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictTokenStore<OpenIddictEntityFrameworkCoreToken> store,
    IdmDbContext database)
    : OpenIddictTokenManager<OpenIddictEntityFrameworkCoreToken>(cache, logger, options, store)
{
    /// <inheritdoc/>
    public override async ValueTask<long> RevokeByAuthorizationIdAsync(string identifier, CancellationToken cancellationToken = default)
    {
        await database.Set<OpenIddictEntityFrameworkCoreAuthorization>()
            .Where(authorization => authorization.Id == identifier)
            .ExecuteUpdateAsync(update => update.SetProperty(authorization => authorization.Status, Statuses.Revoked), cancellationToken);
        return await base.RevokeByAuthorizationIdAsync(identifier, cancellationToken);
    }
}
