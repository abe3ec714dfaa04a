using Watchword.Authorization;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.Subscriptions;

/// <summary>Who subscribes, by the token of the MC info body (TS 24.484 6.3.13).</summary>
/// <param name="Token">The validated token.</param>
/// <param name="Owner">His MC service ID.</param>
internal sealed record Subscriber(AccessTokenPrincipal Token, string Owner)
{
    /// <summary>Finds out who it is.</summary>
    /// <returns>Null with a status: 403 for no token or one that does not hold, 500 where it could not be judged.</returns>
    public static async Task<(Subscriber? Subscriber, int Status)> ReadAsync(
        AccessTokenValidator validator, McInfo? info, CancellationToken cancellationToken)
    {
        if (info?.AccessToken is not { IsEncrypted: false, Value: { } token })
        {
            return (null, StatusCodes.Status403Forbidden);
        }

        AccessTokenValidation validation = await validator.ValidateAsync(token, cancellationToken);
        if (validation.Fault is AuthorizationFault.KeysNotAvailable or AuthorizationFault.IssuerSilent)
        {
            return (null, StatusCodes.Status500InternalServerError);
        }

        return validation.Principal is { } principal && SubscriptionList.OwnerOf(principal, info.Service) is { } owner
            ? (new Subscriber(principal, owner), StatusCodes.Status200OK)
            : (null, StatusCodes.Status403Forbidden);
    }

    /// <summary>Whether he may read every document that he wants to watch.</summary>
    public bool MayWatch(XcapRealm realm, IReadOnlyList<WantedDocument> documents) => documents.All(
        document => realm.Judge(ActOn(document)) == ServicesError.None);

    /// <summary>Reading one of them, for rules that are written for reading.</summary>
    public XcapAct ActOn(WantedDocument document) => new(Sender.Of(Token), XcapOperation.Read, document.Target, string.Empty);

    /// <summary>The type's name: identities stay out of logs.</summary>
    public override string ToString() => nameof(Subscriber);
}
