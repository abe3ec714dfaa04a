using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Keys;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Watchword.Idm.Server.Clients;

/// <summary>Turns a request to register a client into what OpenIddict stores; refuses what is not sound.</summary>
internal static class ClientRegistration
{
    private const int MaxClientIdLength = 100;

    public static OpenIddictApplicationDescriptor Describe(NewClient request, IdmOptions options)
    {
        if (request.ClientId.Length is 0 or > MaxClientIdLength || request.ClientId.Any(character => character is <= ' ' or > '~'))
        {
            throw Refused($"clientId has 1 to {MaxClientIdLength} visible ASCII characters");
        }

        OpenIddictApplicationDescriptor descriptor = request.Kind switch
        {
            ClientKinds.Native => Native(request),
            ClientKinds.Entity => Entity(request, options),
            ClientKinds.ResourceServer => ResourceServer(request),
            _ => throw Refused("kind is native, entity or resource-server"),
        };
        descriptor.ClientId = request.ClientId;
        descriptor.DisplayName = request.DisplayName;
        descriptor.ConsentType = ConsentTypes.Implicit;
        descriptor.Properties[ClientManager.AlgorithmProperty] = JsonSerializer.SerializeToElement(
            request.SigningAlgorithm switch
            {
                null or SecurityAlgorithms.EcdsaSha256 => SecurityAlgorithms.EcdsaSha256,
                SecurityAlgorithms.RsaSha256 => SecurityAlgorithms.RsaSha256,
                _ => throw Refused("signingAlgorithm is ES256 or RS256"),
            });
        return descriptor;
    }

    private static OpenIddictApplicationDescriptor Native(NewClient request)
    {
        if (request.EntityUri is not null || request.Jwks is not null || request.CertificateThumbprint is not null)
        {
            throw Refused("a native client has no entityUri, jwks or certificateThumbprint");
        }

        if (request.RedirectUris is not { Count: > 0 } redirectUris)
        {
            throw Refused("a native client needs at least one redirect URI");
        }

        OpenIddictApplicationDescriptor descriptor = new()
        {
            ApplicationType = ApplicationTypes.Native,
            ClientType = ClientTypes.Public,
            Permissions =
            {
                Permissions.Endpoints.Authorization,
                Permissions.Endpoints.Token,
                Permissions.Endpoints.Revocation,
                Permissions.GrantTypes.AuthorizationCode,
                Permissions.GrantTypes.RefreshToken,
                // For its user in another domain (B.6, B.7): only where partners are configured does anything come of it.
                Permissions.Prefixes.GrantType + InterDomainNames.TokenExchangeGrant,
                Permissions.Prefixes.GrantType + InterDomainNames.SecurityTokenGrant,
                Permissions.ResponseTypes.Code,
            },
        };
        foreach (string uri in redirectUris)
        {
            if (RedirectUris.FaultOf(uri) is { } fault)
            {
                throw Refused(fault);
            }

            descriptor.RedirectUris.Add(new Uri(uri));
        }

        AddScopes(
            descriptor, request.Scopes ?? McScopes.All,
            [.. McScopes.All, McScopes.IdmAdministration, McScopes.ServicesAdministration, .. KmsRoleScopes.All]);
        return descriptor;
    }

    private static OpenIddictApplicationDescriptor Entity(NewClient request, IdmOptions options)
    {
        if (request.RedirectUris is { Count: > 0 })
        {
            throw Refused("an entity has no redirect URI");
        }

        string uri = request.EntityUri ?? throw Refused("an entity needs an entityUri");
        AccountDirectory.CheckIdentity(options, uri, "entityUri");
        OpenIddictApplicationDescriptor descriptor = new()
        {
            ApplicationType = ApplicationTypes.Web,
            ClientType = ClientTypes.Confidential,
            Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials },
        };
        descriptor.Properties[ClientManager.EntityUriProperty] = JsonSerializer.SerializeToElement(uri);
        AddCredential(descriptor, request);
        if (request.Scopes is not { Count: > 0 } scopes)
        {
            throw Refused("an entity needs at least one scope");
        }

        AddScopes(descriptor, scopes, McScopes.All);
        return descriptor;
    }

    /// <summary>A resource server gets no token. It may ask whether one that names it is still good (RFC 7662).</summary>
    private static OpenIddictApplicationDescriptor ResourceServer(NewClient request)
    {
        if (request.RedirectUris is { Count: > 0 } || request.EntityUri is not null || request.Scopes is { Count: > 0 })
        {
            throw Refused("a resource server has no redirect URI, entityUri or scopes");
        }

        OpenIddictApplicationDescriptor descriptor = new()
        {
            ApplicationType = ApplicationTypes.Web,
            ClientType = ClientTypes.Confidential,
            Permissions = { Permissions.Endpoints.Introspection },
        };
        descriptor.Properties[ClientManager.ResourceServerProperty] = JsonSerializer.SerializeToElement(request.ClientId);
        AddCredential(descriptor, request);
        return descriptor;
    }

    private static void AddCredential(OpenIddictApplicationDescriptor descriptor, NewClient request)
    {
        if (request.Jwks is null == (request.CertificateThumbprint is null))
        {
            throw Refused("an entity or resource server has either jwks or certificateThumbprint");
        }

        if (request.Jwks is { } jwks)
        {
            descriptor.JsonWebKeySet = PublicKeys(jwks);
        }
        else
        {
            // OpenIddict wants a credential on every confidential client; this secret is thrown away, and secrets are not
            // accepted.
            descriptor.ClientSecret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
            descriptor.Properties[ClientManager.ThumbprintProperty] =
                JsonSerializer.SerializeToElement(Thumbprint(request.CertificateThumbprint!));
        }
    }

    private static void AddScopes(OpenIddictApplicationDescriptor descriptor, IEnumerable<string> scopes, IReadOnlyList<string> possible)
    {
        foreach (string scope in scopes.Where(scope => scope is not (McScopes.OpenId or McScopes.OfflineAccess)))
        {
            if (!possible.Contains(scope, StringComparer.Ordinal))
            {
                throw Refused("scopes holds a scope that a client of this kind cannot have");
            }

            descriptor.Permissions.Add(Permissions.Prefixes.Scope + scope);
        }
    }

    private static string Thumbprint(string text)
    {
        string digits = text.Replace(":", string.Empty, StringComparison.Ordinal);
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit)
            ? digits.ToUpperInvariant()
            : throw Refused("certificateThumbprint is the SHA-256 of the certificate in 64 hexadecimal digits");
    }

    private static JsonWebKeySet PublicKeys(JsonElement jwks) =>
        PublicKeySet.TryParse(jwks, out JsonWebKeySet? keys, out string? fault) ? keys! : throw Refused($"jwks {fault}");

    private static IdmFaultException Refused(string detail) => new(IdmFault.ClientInvalid, detail);
}
