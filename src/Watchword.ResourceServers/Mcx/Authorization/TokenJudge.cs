using Watchword.Authorization;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Configuration;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>What was judged: a user, or why not.</summary>
/// <param name="User">The user; null with a refusal.</param>
/// <param name="Refusal">The refusal; null with a user.</param>
internal readonly record struct Judgement(AuthorizedUser? User, ServiceAnswer? Refusal);

/// <summary>
/// Judges revealed bodies (TS 33.180 5.1.3.2, B.11.2): the token by itself, its scope and identity for the service, and that CSK
/// and request are the same user's. Steps 6 to 8 of docs/flows/service-authorisation.md.
/// </summary>
internal sealed class TokenJudge(AccessTokenValidator validator, McxSettings settings)
{
    private const int MaxClientIdLength = 256;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly AccessTokenValidator _validator = validator.ForAudience(settings.Audience);

    /// <summary>Judges them.</summary>
    public async Task<Judgement> JudgeAsync(RevealedBodies revealed, McServiceNames names, CancellationToken cancellationToken)
    {
        McInfo info = revealed.Info!;
        if (info.AccessToken is not { } token)
        {
            return Refused(ServiceOutcome.NotAuthorized, names);
        }

        AccessTokenValidation validation = await _validator.ValidateAsync(token.Value, cancellationToken);
        if (validation.Fault is AuthorizationFault.KeysNotAvailable or AuthorizationFault.IssuerSilent)
        {
            return new Judgement(null, new ServiceAnswer(ServiceOutcome.Unavailable)
            {
                Service = names,
                RetryAfter = validation.RetryAfter ?? RetryAfter,
            });
        }

        McService service = ServiceKinds.ToIdentity(names.Kind);
        if (validation.Principal is not { EntityUri: null } principal || !principal.HasScope(service, McResource.Service)
            || principal.GetMcServiceId(service) is not { } serviceId)
        {
            return Refused(ServiceOutcome.NotAuthorized, names);
        }

        if (!IsSameUser(info.RequestUri, serviceId) || !IsSameUser(info.CallingUserId, serviceId)
            || (revealed.ProtectedFor is { } owner && !string.Equals(owner, serviceId, StringComparison.Ordinal))
            || (revealed.Csk is { } csk && !string.Equals(csk.Info.InitiatorUri, serviceId, StringComparison.Ordinal)))
        {
            return Refused(ServiceOutcome.NotAuthorized, names);
        }

        return IsClientId(info.ClientId)
            ? new Judgement(new AuthorizedUser(serviceId, info.ClientId!.Value, principal, revealed.Csk), null)
            : Refused(ServiceOutcome.Malformed, names);
    }

    /// <summary>Whether a value can be an MC client ID: commonly <c>urn:uuid:...</c>, in any case short and printable.</summary>
    public static bool IsClientId(McInfoValue? value) =>
        value is { IsEncrypted: false, Value: { Length: > 0 and <= MaxClientIdLength } text }
            && text.All(c => c is > ' ' and < '\x7f');

    // Where the request names a user, it is the one of the token: the identity used is the claim, never one supplied elsewhere.
    private static bool IsSameUser(McInfoValue? named, string serviceId) =>
        named is null || string.Equals(named.Value, serviceId, StringComparison.Ordinal);

    private static Judgement Refused(ServiceOutcome outcome, McServiceNames names) =>
        new(null, new ServiceAnswer(outcome) { Service = names });
}
