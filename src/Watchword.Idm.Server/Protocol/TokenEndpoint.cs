using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server.AspNetCore;
using Watchword.Identity;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// The token endpoint. OpenIddict has checked client, code, verifier and refresh token; here the account is looked at again, so
/// that a disabled user gets nothing and a changed MC service ID is in the next token.
/// </summary>
internal sealed class TokenEndpoint(
    IOpenIddictApplicationManager clients, AccountDirectory accounts, GrantRules rules, InterDomainEndpoint interDomain,
    ILogger<TokenEndpoint> logger)
{
    public const string Path = "/connect/token";

    private readonly ClientManager clients = (ClientManager)clients;

    public static Task<IResult> HandleAsync(HttpContext context, TokenEndpoint endpoint) => endpoint.HandleAsync(context);

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        OpenIddictRequest request = context.GetOpenIddictServerRequest()!;
        OpenIddictEntityFrameworkCoreApplication client =
            (await clients.FindByClientIdAsync(request.ClientId!, context.RequestAborted))!;
        return request.GrantType switch
        {
            GrantTypes.ClientCredentials => await ForEntityAsync(request, client, context.RequestAborted),
            InterDomainNames.TokenExchangeGrant => await interDomain.ExchangeAsync(context, request),
            InterDomainNames.SecurityTokenGrant =>
                await interDomain.RedeemAsync(context, request, await clients.GetScopesAsync(client, context.RequestAborted)),
            _ => await ForAccountAsync(context, request, client),
        };
    }

    private async Task<IResult> ForEntityAsync(
        OpenIddictRequest request, OpenIddictEntityFrameworkCoreApplication client, CancellationToken cancellation)
    {
        string uri = (await clients.GetPropertyAsync(client, ClientManager.EntityUriProperty, cancellation))!;
        ImmutableArray<string> scopes = GrantRules.ForEntity(
            request.GetScopes().ToImmutableHashSet(StringComparer.Ordinal), await clients.GetScopesAsync(client, cancellation));
        if (scopes.IsEmpty)
        {
            return Refuse(Errors.InvalidScope, "None of the scopes is open to this client.");
        }

        ImmutableArray<string> audiences = rules.AudiencesOf(scopes);
        Log.TokenIssued(logger, request.ClientId!, request.ClientId!, scopes.Length, audiences.Length);
        return SignIn(Principals.OfEntity(request.ClientId!, uri, scopes, audiences));
    }

    private async Task<IResult> ForAccountAsync(
        HttpContext context, OpenIddictRequest request, OpenIddictEntityFrameworkCoreApplication client)
    {
        AuthenticateResult result = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        ClaimsPrincipal earlier = result.Principal!;
        Account? account = await accounts.FindBySubjectAsync(earlier.GetClaim(Claims.Subject), context.RequestAborted);
        if (account is not { IsEnabled: true })
        {
            return await RefuseDisabledAsync(account, context.RequestAborted);
        }

        // The refresh token keeps what the user was granted at log-in; the access token has what is open today, and what this
        // request narrows it to (B.5).
        ImmutableArray<string> granted = earlier.GetScopes();
        ImmutableHashSet<string> clientScopes = await clients.GetScopesAsync(client, context.RequestAborted);
        ImmutableHashSet<string> wanted = granted.ToImmutableHashSet(StringComparer.Ordinal);
        if (request.IsRefreshTokenGrantType() && !string.IsNullOrEmpty(request.Scope))
        {
            wanted = wanted.Intersect(request.GetScopes());
        }

        ImmutableArray<string> narrowed = GrantRules.ForAccount(wanted, clientScopes, account);
        if (narrowed.IsEmpty)
        {
            return Refuse(Errors.InvalidScope, "None of the scopes is open to this user any more.");
        }

        ImmutableArray<string> audiences = rules.AudiencesOf(narrowed);
        context.GetOpenIddictServerTransaction().SetNarrowing(new Narrowing(narrowed, audiences));
        Log.TokenIssued(logger, account.Subject, request.ClientId!, narrowed.Length, audiences.Length);
        return SignIn(Principals.OfAccount(account, granted, Principals.AuthenticationTimeOf(earlier)));
    }

    private async Task<IResult> RefuseDisabledAsync(Account? account, CancellationToken cancellation)
    {
        if (account is not null)
        {
            await accounts.RevokeTokensAsync(account, cancellation);
            Log.RefreshOfDisabledAccount(logger, account.Subject);
        }

        return Refuse(Errors.InvalidGrant, "The grant is no longer valid.");
    }

    internal static IResult SignIn(ClaimsPrincipal principal) =>
        Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

    internal static IResult Refuse(string error, string description) => Results.Forbid(
        AuthorizationEndpoint.Error(error, description), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
