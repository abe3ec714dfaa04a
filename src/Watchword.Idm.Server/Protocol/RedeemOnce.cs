using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// Redeems a refresh token in one statement. OpenIddict detects one that was used before, but lets two requests at the same moment
/// both through; here exactly one of them finds the token valid, and the other is the reuse that revokes the family.
/// </summary>
internal sealed class RedeemOnce(IdmDbContext database, IOpenIddictTokenManager tokens, ILogger<RedeemOnce> logger)
    : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<RedeemOnce>()
            .SetOrder(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor.Order - 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || !context.Request.IsRefreshTokenGrantType())
        {
            return;
        }

        ProcessAuthenticationContext authentication = context.Transaction.GetProperty<ProcessAuthenticationContext>(
            typeof(ProcessAuthenticationContext).FullName!)!;
        string tokenId = authentication.RefreshTokenPrincipal!.GetTokenId()!;
        int redeemed = await database.Set<OpenIddictEntityFrameworkCoreToken>()
            .Where(token => token.Id == tokenId && token.Status == Statuses.Valid)
            .ExecuteUpdateAsync(update => update.SetProperty(token => token.Status, Statuses.Redeemed), context.CancellationToken);
        if (redeemed == 1)
        {
            return;
        }

        string? authorizationId = authentication.RefreshTokenPrincipal!.GetAuthorizationId();
        long revoked = authorizationId is null
            ? 0
            : await tokens.RevokeByAuthorizationIdAsync(authorizationId, context.CancellationToken);
        Log.ConcurrentReuse(logger, revoked);
        context.Reject(Errors.InvalidGrant, "The refresh token was used before.");
    }
}
