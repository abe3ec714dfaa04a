using System.Security.Claims;

namespace Watchword.Kms.Server.Http;

/// <summary>A network entity whose identity a trusted peer has asserted.</summary>
internal sealed class AssertedEntity(string thumbprint, string uri)
{
    /// <summary>Who vouches for it: the peer, by the pinned certificate.</summary>
    public string Issuer { get; } = IssuerOf(thumbprint);

    /// <summary>The one identity that may be keyed.</summary>
    public string Uri { get; } = uri;

    /// <summary>What the peer with a pinned certificate is called as an issuer.</summary>
    public static string IssuerOf(string thumbprint) => Requester.AssertedIssuerPrefix + thumbprint.ToLowerInvariant();

    /// <summary>The entity that authenticated as <paramref name="user"/>; null if none did.</summary>
    public static AssertedEntity? From(ClaimsPrincipal? user) =>
        user?.Identities.OfType<AssertedEntityIdentity>().FirstOrDefault()?.Entity;

    /// <summary>The type's name: identities stay out of logs.</summary>
    public override string ToString() => nameof(AssertedEntity);
}

/// <summary>Carries the entity through ASP.NET Core's claims principal, without copying its identity into claims.</summary>
internal sealed class AssertedEntityIdentity(AssertedEntity entity) : ClaimsIdentity(AssertedIdentityHandler.Scheme)
{
    public AssertedEntity Entity { get; } = entity;

    public override ClaimsIdentity Clone() => new AssertedEntityIdentity(Entity);
}
