using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Watchword.Identity;
using Watchword.Idm.Server.InterDomain;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Protocol;

/// <summary>The two grants between domains at the token endpoint (TS 33.180 B.7).</summary>
internal sealed class InterDomainEndpoint(TokenExchange exchange, SecurityTokenGrant grants)
{
    /// <summary>Token exchange with the primary (B.7.2, B.7.3). The answer is written here: what it holds is no token of
    /// OpenIddict's.</summary>
    public async Task<IResult> ExchangeAsync(HttpContext context, OpenIddictRequest request)
    {
        AuthenticateResult subject = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        Exchange result = await exchange.RunAsync(request, subject.Principal!, context.RequestAborted);
        if (result.Refusal is { } refusal)
        {
            return refusal switch
            {
                ExchangeRefusal.Request => TokenEndpoint.Refuse(
                    Errors.InvalidRequest, "A token exchange names one resource and no actor (TS 33.180 B.7.2)."),
                ExchangeRefusal.Partner => TokenEndpoint.Refuse(
                    Errors.InvalidTarget, "The resource is no partner of this IdM server."),
                // RFC 8693 §2.2.2: one error for every subject token that is not accepted.
                _ => TokenEndpoint.Refuse(Errors.InvalidRequest, "The subject token is not accepted for this resource."),
            };
        }

        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.Pragma = "no-cache";
        return Results.Json(
            new SecurityTokenAnswer
            {
                AccessToken = result.Token!,
                IssuedTokenType = InterDomainNames.JwtTokenType,
                TokenType = "Bearer",
                ExpiresIn = (long)result.Lifetime.TotalSeconds,
            },
            SecurityTokenAnswerJson.Default.SecurityTokenAnswer);
    }

    /// <summary>Redeems a security token at the partner (B.7.4, B.7.5).</summary>
    public async Task<IResult> RedeemAsync(HttpContext context, OpenIddictRequest request, ImmutableHashSet<string> clientScopes)
    {
        ForeignGrant grant = await grants.RunAsync(request, clientScopes, context.RequestAborted);
        if (grant.Narrowing is { } narrowing)
        {
            context.GetOpenIddictServerTransaction().SetNarrowing(narrowing);
            return TokenEndpoint.SignIn(Principals.OfForeign(grant.Subject, grant.Identities, narrowing, grant.Lifetime));
        }

        return grant.Refusal switch
        {
            SecurityTokenRefusal.Scope => TokenEndpoint.Refuse(Errors.InvalidScope, "None of the scopes is open to this user."),
            SecurityTokenRefusal.KeysUnavailable => TokenEndpoint.Refuse(
                Errors.TemporarilyUnavailable, "The security token cannot be checked now."),
            // RFC 7521 §4.1.1: one error for every assertion that is not accepted.
            _ => TokenEndpoint.Refuse(Errors.InvalidGrant, "The security token is not accepted."),
        };
    }
}

/// <summary>The answer to a token exchange (RFC 8693 §2.2.1).</summary>
internal sealed class SecurityTokenAnswer
{
    [JsonPropertyName("access_token")]
    public required string AccessToken { get; init; }

    [JsonPropertyName("issued_token_type")]
    public required string IssuedTokenType { get; init; }

    [JsonPropertyName("token_type")]
    public required string TokenType { get; init; }

    [JsonPropertyName("expires_in")]
    public required long ExpiresIn { get; init; }
}

[JsonSerializable(typeof(SecurityTokenAnswer))]
internal sealed partial class SecurityTokenAnswerJson : JsonSerializerContext;
