using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using OpenIddict.Abstractions;
using Watchword.Identity;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Protocol;

/// <summary>The claims of a token, before OpenIddict adds its own (iss, aud, exp, iat, jti, client_id, scope).</summary>
internal static class Principals
{
    private static readonly ImmutableArray<string> InBoth = [Destinations.AccessToken, Destinations.IdentityToken];

    /// <summary>A user: his subject and every MC service ID that he has (B.2.1.2, B.2.2.3).</summary>
    public static ClaimsPrincipal OfAccount(Account account, ImmutableArray<string> scopes, long authenticatedAt)
    {
        ClaimsIdentity identity = NewIdentity();
        identity.SetClaim(Claims.Subject, account.Subject);
        foreach (McService service in AnnexB.Services)
        {
            identity.SetClaim(McClaims.For(service), account.ServiceIdFor(service));
        }

        identity.SetClaim(Claims.AuthenticationContextReference, McAuthenticationContexts.Password);
        identity.SetClaim(Claims.AuthenticationTime, authenticatedAt);
        identity.SetClaims(Claims.AuthenticationMethodReference, ["pwd"]);
        identity.SetScopes(scopes);
        identity.SetDestinations(claim => claim.Type switch
        {
            Claims.AuthenticationContextReference or Claims.AuthenticationTime or Claims.AuthenticationMethodReference =>
                [Destinations.IdentityToken],
            _ => InBoth,
        });
        return new ClaimsPrincipal(identity);
    }

    /// <summary>A network entity: its URI, and no MC service ID.</summary>
    public static ClaimsPrincipal OfEntity(string clientId, string entityUri, ImmutableArray<string> scopes, ImmutableArray<string> audiences)
    {
        ClaimsIdentity identity = NewIdentity();
        identity.SetClaim(Claims.Subject, clientId);
        identity.SetClaim(McClaims.EntityUri, entityUri);
        identity.SetScopes(scopes);
        identity.SetResources(audiences);
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        return new ClaimsPrincipal(identity);
    }

    /// <summary>A user of a primary IdM server: the MC service IDs that it asserts, in an access token and nothing else
    /// (B.9).</summary>
    public static ClaimsPrincipal OfForeign(string subject, IReadOnlyDictionary<McService, string> identities, Narrowing narrowing, TimeSpan lifetime)
    {
        ClaimsIdentity identity = NewIdentity();
        identity.SetClaim(Claims.Subject, subject);
        foreach ((McService service, string id) in identities)
        {
            identity.SetClaim(McClaims.For(service), id);
        }

        identity.SetScopes(narrowing.Scopes);
        identity.SetResources(narrowing.Audiences);
        identity.SetAccessTokenLifetime(lifetime);
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        return new ClaimsPrincipal(identity);
    }

    /// <summary>When the user of a code or refresh token logged in, in seconds since 1970.</summary>
    public static long AuthenticationTimeOf(ClaimsPrincipal principal) =>
        long.Parse(principal.GetClaim(Claims.AuthenticationTime)!, CultureInfo.InvariantCulture);

    private static ClaimsIdentity NewIdentity() => new("Watchword", Claims.Name, Claims.Role);
}
