using Watchword.Authorization;
using Watchword.Identity;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// From the principal of a token to the KMS's own requester. Only claims count: an identity in a header or a body is nothing
/// (X-3GPP-Asserted-Identity is not read, since no listener for it can be configured).
/// </summary>
internal static class RequesterMapping
{
    private const string EntityService = "entity";

    /// <summary>
    /// The identities that may be keyed: those whose own key-management scope was granted, MCPTT, MCVideo, MCData in this order,
    /// equal ones once; of a network entity exactly its URI.
    /// </summary>
    public static IReadOnlyList<RequesterIdentity> IdentitiesOf(AccessTokenPrincipal token) => token.EntityUri is { } entity
        ? [new RequesterIdentity(entity, EntityService)]
        : [.. token.ServicesFor(McResource.KeyManagement)
            .GroupBy(service => token.GetMcServiceId(service)!, StringComparer.Ordinal)
            .Select(group => new RequesterIdentity(group.Key, string.Join(' ', group.Select(NameOf))))];

    /// <summary>The requester of a token.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.InsufficientScope"/> if nothing may be keyed.</exception>
    public static Requester RequesterOf(AccessTokenPrincipal token)
    {
        IReadOnlyList<RequesterIdentity> identities = IdentitiesOf(token);
        return identities.Count == 0
            ? throw new KmsException(KmsError.InsufficientScope)
            : new Requester(token.Issuer, token.Subject, identities);
    }

    /// <summary>True if the token asserts the identity, whether or not it may be keyed.</summary>
    public static bool Asserts(AccessTokenPrincipal token, string uri) =>
        string.Equals(token.EntityUri, uri, StringComparison.Ordinal)
        || McServices.All.Any(service => string.Equals(token.GetMcServiceId(service), uri, StringComparison.Ordinal));

    private static string NameOf(McService service) => service switch
    {
        McService.Mcptt => "mcptt",
        McService.McVideo => "mcvideo",
        McService.McData => "mcdata",
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };
}
