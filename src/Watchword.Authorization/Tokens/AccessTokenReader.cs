using System.Text.Json;
using Watchword.Authorization.Configuration;
using Watchword.Identity;

namespace Watchword.Authorization.Tokens;

/// <summary>Reads the claims of a token whose signature holds, each by its own rule (TS 33.180 B.2.2, B.11.2).</summary>
internal sealed class AccessTokenReader(
    string audience, TimeSpan leeway, IReadOnlySet<string> entityUris, bool audienceRequired = false)
{
    /// <summary>Checks every claim and makes the principal.</summary>
    /// <param name="claims">The claims, without repeated members.</param>
    /// <param name="issuer">The issuer whose key verified the signature.</param>
    /// <param name="now">The time to judge by.</param>
    /// <param name="principal">The principal if the result is <see cref="AuthorizationFault.None"/>.</param>
    public AuthorizationFault TryRead(JsonElement claims, TrustedIssuer issuer, DateTimeOffset now, out AccessTokenPrincipal? principal)
    {
        principal = null;
        AuthorizationFault fault = CheckTimes(claims, now, out DateTimeOffset? issuedAt, out DateTimeOffset expiresAt);
        fault = fault != AuthorizationFault.None ? fault : CheckAudience(claims, issuer);
        HashSet<string> scopes = new(StringComparer.Ordinal);
        fault = fault != AuthorizationFault.None ? fault : ReadScopes(claims, scopes);
        Dictionary<McService, string> identities = [];
        string? entityUri = null;
        fault = fault != AuthorizationFault.None ? fault : ReadIdentities(claims, issuer, identities, out entityUri);
        string? subject = null;
        string? clientId = null;
        fault = fault != AuthorizationFault.None ? fault : ReadSubject(claims, out subject, out clientId);
        if (fault == AuthorizationFault.None)
        {
            principal = new AccessTokenPrincipal(issuer.Name, subject, clientId, scopes, identities, entityUri, issuedAt, expiresAt);
        }

        return fault;
    }

    private AuthorizationFault CheckTimes(
        JsonElement claims, DateTimeOffset now, out DateTimeOffset? issuedAt, out DateTimeOffset expiresAt)
    {
        issuedAt = null;
        expiresAt = default;
        if (!claims.TryGetProperty("exp", out _))
        {
            return AuthorizationFault.ExpiryMissing;
        }

        if (!StrictJson.TryGetTime(claims, "exp", out DateTimeOffset? expiry)
            || !StrictJson.TryGetTime(claims, "nbf", out DateTimeOffset? notBefore)
            || !StrictJson.TryGetTime(claims, "iat", out issuedAt))
        {
            return AuthorizationFault.TimeNotANumber;
        }

        expiresAt = expiry!.Value;
        // Differences, not sums: exp + leeway may lie behind the last second that the type holds.
        if (now - expiresAt >= leeway)
        {
            return AuthorizationFault.Expired;
        }

        if (notBefore - now > leeway)
        {
            return AuthorizationFault.NotYetValid;
        }

        return issuedAt - now > leeway ? AuthorizationFault.IssuedInFuture : AuthorizationFault.None;
    }

    private AuthorizationFault CheckAudience(JsonElement claims, TrustedIssuer issuer)
    {
        if (!claims.TryGetProperty("aud", out JsonElement element))
        {
            return issuer.AcceptMissingAudience && !audienceRequired ? AuthorizationFault.None : AuthorizationFault.AudienceMissing;
        }

        if (!StrictJson.TryGetStrings(element, out List<string> audiences))
        {
            return AuthorizationFault.AudienceMalformed;
        }

        return audiences.Contains(audience, StringComparer.Ordinal) ? AuthorizationFault.None : AuthorizationFault.AudienceNotThisServer;
    }

    /// <summary>B.2.2.2 has one string; an array is tolerated because other makers' servers send it.</summary>
    private static AuthorizationFault ReadScopes(JsonElement claims, HashSet<string> scopes)
    {
        if (!claims.TryGetProperty(McClaims.Scope, out JsonElement element))
        {
            return AuthorizationFault.ScopeMissing;
        }

        if (!StrictJson.TryGetStrings(element, out List<string> values))
        {
            return AuthorizationFault.ScopeMalformed;
        }

        foreach (string value in values)
        {
            scopes.UnionWith(McScopes.Split(value));
        }

        return AuthorizationFault.None;
    }

    private AuthorizationFault ReadIdentities(
        JsonElement claims, TrustedIssuer issuer, Dictionary<McService, string> identities, out string? entityUri)
    {
        entityUri = null;
        foreach (McService service in AnnexB.Services)
        {
            AuthorizationFault fault = ReadIdentity(claims, McClaims.For(service), out string? identity);
            if (fault != AuthorizationFault.None)
            {
                return fault;
            }

            if (identity is null)
            {
                continue;
            }

            if (!issuer.IdentityDomains.Contains(McServiceId.DomainOf(identity)!))
            {
                return AuthorizationFault.IdentityOutsideDomain;
            }

            if (entityUris.Contains(identity))
            {
                return AuthorizationFault.IdentityIsEntity;
            }

            identities.Add(service, identity);
        }

        return ReadEntity(claims, issuer, identities.Count > 0, out entityUri);
    }

    private static AuthorizationFault ReadEntity(JsonElement claims, TrustedIssuer issuer, bool isUser, out string? entityUri)
    {
        AuthorizationFault fault = ReadIdentity(claims, McClaims.EntityUri, out entityUri);
        if (fault != AuthorizationFault.None || entityUri is null)
        {
            return fault;
        }

        bool assertable = issuer.EntityUris.Count > 0
            ? issuer.EntityUris.Contains(entityUri)
            : issuer.IdentityDomains.Contains(McServiceId.DomainOf(entityUri)!);
        if (!assertable)
        {
            return AuthorizationFault.EntityNotOfIssuer;
        }

        return isUser ? AuthorizationFault.EntityAndUser : AuthorizationFault.None;
    }

    private static AuthorizationFault ReadIdentity(JsonElement claims, string name, out string? identity)
    {
        identity = null;
        if (!claims.TryGetProperty(name, out JsonElement element))
        {
            return AuthorizationFault.None;
        }

        return StrictJson.TryGetString(element, out identity) && McServiceId.DomainOf(identity) is not null
            ? AuthorizationFault.None
            : AuthorizationFault.IdentityMalformed;
    }

    private static AuthorizationFault ReadSubject(JsonElement claims, out string? subject, out string? clientId)
    {
        clientId = null;
        return StrictJson.TryGetName(claims, "sub", out subject)
            && StrictJson.TryGetName(claims, McClaims.ClientId, out clientId)
            && (subject ?? clientId) is not null
            ? AuthorizationFault.None
            : AuthorizationFault.SubjectMalformed;
    }
}
