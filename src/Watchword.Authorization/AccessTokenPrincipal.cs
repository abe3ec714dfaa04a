using System.Security.Claims;
using Watchword.Identity;

namespace Watchword.Authorization;

/// <summary>
/// The user or network entity of a validated access token (TS 33.180 B.2.2). Immutable; the identity used from here on is
/// the claim, never one supplied elsewhere in the request.
/// </summary>
public sealed class AccessTokenPrincipal
{
    private readonly Dictionary<McService, string> _identities;
    private readonly HashSet<string> _scopes;

    internal AccessTokenPrincipal(
        string issuer,
        string? subject,
        string? clientId,
        IEnumerable<string> scopes,
        IReadOnlyDictionary<McService, string> identities,
        string? entityUri,
        DateTimeOffset? issuedAt,
        DateTimeOffset expiresAt)
    {
        Issuer = issuer;
        ClientId = clientId;
        EntityUri = entityUri;
        IssuedAt = issuedAt;
        ExpiresAt = expiresAt;
        // Copies, not frozen collections: those cost more to make than all that one request asks of them.
        _scopes = new HashSet<string>(scopes, StringComparer.Ordinal);
        _identities = new Dictionary<McService, string>(identities);
        Subject = subject ?? SubjectFallback(clientId, entityUri, _identities);
    }

    /// <summary>The trusted issuer, exactly as configured.</summary>
    public string Issuer { get; }

    /// <summary>
    /// <c>sub</c>. Annex B does not require that claim: without it, <c>client:</c> + client ID + <c>|</c> + the first identity
    /// (no identity contains <c>|</c>), so that users of one client never share a subject.
    /// </summary>
    public string Subject { get; }

    /// <summary>The client that the token was issued to, where the token says so.</summary>
    public string? ClientId { get; }

    /// <summary>Granted scopes.</summary>
    public IReadOnlySet<string> Scopes => _scopes;

    /// <summary>URI of the network entity; null for a user.</summary>
    public string? EntityUri { get; }

    /// <summary>Value of <c>iat</c>; null if the token has none.</summary>
    public DateTimeOffset? IssuedAt { get; }

    /// <summary>Value of <c>exp</c>, without leeway.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>When the issuer was asked about this very token and called it active; null if it was not asked, because its
    /// security events were known or do not count.</summary>
    public DateTimeOffset? ConfirmedAt { get; private init; }

    /// <summary>The token that authenticated <paramref name="user"/>; null if none did.</summary>
    public static AccessTokenPrincipal? From(ClaimsPrincipal? user) =>
        user?.Identities.OfType<AccessTokenIdentity>().FirstOrDefault()?.AccessToken;

    /// <summary>The user's MC service ID for <paramref name="service"/>; null if the token has none.</summary>
    public string? GetMcServiceId(McService service) => _identities.GetValueOrDefault(service);

    /// <summary>True if the scope that opens <paramref name="resource"/> for <paramref name="service"/> was granted.</summary>
    public bool HasScope(McService service, McResource resource) => _scopes.Contains(McScopes.For(service, resource));

    /// <summary>
    /// The services whose scope of <paramref name="resource"/> was granted and whose MC service ID the token holds: MCPTT,
    /// MCVideo, MCData in this order. Empty for a network entity.
    /// </summary>
    public IReadOnlyList<McService> ServicesFor(McResource resource) =>
        [.. AnnexB.Services.Where(service => HasScope(service, resource) && _identities.ContainsKey(service))];

    /// <summary>
    /// Judges the token for <paramref name="resource"/>: a user needs the scope and the identity of one service, an entity any
    /// such scope.
    /// </summary>
    /// <returns><see cref="AuthorizationFault.None"/>, <see cref="AuthorizationFault.InsufficientScope"/> or
    /// <see cref="AuthorizationFault.IdentityMissing"/>.</returns>
    public AuthorizationFault CheckScope(McResource resource)
    {
        if (!AnnexB.Services.Any(service => HasScope(service, resource)))
        {
            return AuthorizationFault.InsufficientScope;
        }

        return EntityUri is not null || ServicesFor(resource).Count > 0
            ? AuthorizationFault.None
            : AuthorizationFault.IdentityMissing;
    }

    /// <summary>The type's name: identities stay out of logs.</summary>
    public override string ToString() => nameof(AccessTokenPrincipal);

    /// <summary>The same, confirmed by its issuer.</summary>
    internal AccessTokenPrincipal Confirmed(DateTimeOffset at) =>
        new(Issuer, Subject, ClientId, _scopes, _identities, EntityUri, IssuedAt, ExpiresAt) { ConfirmedAt = at };

    private static string SubjectFallback(string? clientId, string? entityUri, Dictionary<McService, string> identities)
    {
        string? identity = entityUri
            ?? AnnexB.Services.Select(service => identities.GetValueOrDefault(service)).FirstOrDefault(uri => uri is not null);
        return $"client:{clientId}|{identity}";
    }
}

/// <summary>Carries the validated token through ASP.NET Core's claims principal, without copying identities into
/// claims.</summary>
internal sealed class AccessTokenIdentity(AccessTokenPrincipal accessToken)
    : ClaimsIdentity(AccessTokenDefaults.AuthenticationScheme)
{
    public AccessTokenPrincipal AccessToken { get; } = accessToken;

    public override ClaimsIdentity Clone() => new AccessTokenIdentity(AccessToken);
}
