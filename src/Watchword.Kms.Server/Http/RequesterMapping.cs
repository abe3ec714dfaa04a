using System.Security.Claims;
using Watchword.Authorization;
using Watchword.Identity;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// From the principal of a request to the KMS's own requester. Of a token only claims count; a network entity without token is
/// what <see cref="AssertedIdentityHandler"/> authenticated. An identity in any other header or a body is nothing.
/// </summary>
internal static class RequesterMapping
{
    private const string EntityService = "entity";

    /// <summary>
    /// The identities that may be keyed: those whose own key-management scope was granted, MCPTT, MCVideo, MCData in this order,
    /// equal ones once; of a network entity exactly its URI.
    /// </summary>
    private static IReadOnlyList<RequesterIdentity> IdentitiesOf(AccessTokenPrincipal token) => token.EntityUri is { } entity
        ? [new RequesterIdentity(entity, EntityService)]
        : [.. token.ServicesFor(McResource.KeyManagement)
            .GroupBy(service => token.GetMcServiceId(service)!, StringComparer.Ordinal)
            .Select(group => new RequesterIdentity(group.Key, string.Join(' ', group.Select(NameOf))))];

    /// <summary>The requester of an authenticated request, keyed or not; null if there is none.</summary>
    public static Requester? Find(ClaimsPrincipal user)
    {
        if (AccessTokenPrincipal.From(user) is { } token)
        {
            IReadOnlyList<RequesterIdentity> identities = IdentitiesOf(token);
            return identities.Count == 0 ? null : new Requester(token.Issuer, token.Subject, identities);
        }

        return AssertedEntity.From(user) is { } entity
            ? new Requester(entity.Issuer, entity.Uri, [new RequesterIdentity(entity.Uri, EntityService)])
            : null;
    }

    /// <summary>Issuer and subject of whoever authenticated, whether or not he may be keyed; null if nobody did.</summary>
    public static (string? Issuer, string? Subject) NameOf(ClaimsPrincipal user) =>
        AccessTokenPrincipal.From(user) is { } token ? (token.Issuer, token.Subject)
        : AssertedEntity.From(user) is { } entity ? (entity.Issuer, entity.Uri)
        : default;

    /// <summary>Every identity of the requester, keyed or not.</summary>
    public static IReadOnlyCollection<string> IdentitiesOf(ClaimsPrincipal user) => AccessTokenPrincipal.From(user) is { } token
        ? [.. AnnexB.Services.Select(token.GetMcServiceId).Append(token.EntityUri)
            .OfType<string>().Distinct(StringComparer.Ordinal)]
        : AssertedEntity.From(user) is { } entity ? [entity.Uri] : [];

    /// <summary>True if the identity is one of the requester's, whether or not it may be keyed.</summary>
    public static bool HasIdentity(ClaimsPrincipal user, string uri) => AccessTokenPrincipal.From(user) is { } token
        ? Asserts(token, uri)
        : string.Equals(AssertedEntity.From(user)?.Uri, uri, StringComparison.Ordinal);

    private static bool Asserts(AccessTokenPrincipal token, string uri) =>
        string.Equals(token.EntityUri, uri, StringComparison.Ordinal)
        || AnnexB.Services.Any(service => string.Equals(token.GetMcServiceId(service), uri, StringComparison.Ordinal));

    private static string NameOf(McService service) => service switch
    {
        McService.Mcptt => "mcptt",
        McService.McVideo => "mcvideo",
        McService.McData => "mcdata",
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };
}
