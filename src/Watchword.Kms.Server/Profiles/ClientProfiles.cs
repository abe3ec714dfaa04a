using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.Features;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Profiles;

/// <summary>What named a profile.</summary>
internal enum ProfileSource
{
    /// <summary>An entry of <c>Kms:Profiles:Clients</c>.</summary>
    Client,

    /// <summary>An entry of <c>Kms:Profiles:Networks</c>.</summary>
    Network,

    /// <summary>The domain, or <c>Kms:Profiles:Default</c>.</summary>
    Default,

    /// <summary>What the client sent, under <see cref="ClientProfileKind.Auto"/>.</summary>
    Evidence,
}

/// <summary>
/// Chooses the profile of each request: an entry for the client, else the narrowest network, else the domain's default; where
/// that says <see cref="ClientProfileKind.Auto"/>, what the client sent.
/// </summary>
internal sealed class ClientProfiles(KmsSettings settings, KmsState state, KmsMetrics metrics, QuirkLedger ledger)
{
    private readonly FrozenSet<StrictRule> _shadow = settings.Shadow;

    /// <summary>The profile of a request: that chosen by its body, or before the body is read what is known so far.</summary>
    public ClientProfile Of(HttpContext context) =>
        context.Features.Get<ClientProfile>()
        ?? Select(context, state.Find(context.Request), new BodyMarks(IsEmpty: HasNoBody(context))).Profile;

    /// <summary>Chooses the profile now that the body is known; from here on it stands.</summary>
    public ClientProfile Choose(HttpContext context, ServedDomain domain, BodyMarks body)
    {
        (ClientProfile profile, ProfileSource source) = Select(context, domain, body);
        context.Features.Set(profile);
        metrics.ProfileChosen(profile.Kind, source);
        return profile;
    }

    /// <summary>Counts a quirk of the request.</summary>
    public void Count(HttpContext context, Quirk quirk) => ledger.Seen(context, quirk, Of(context));

    /// <summary>
    /// Refuses a request, unless the rule is in the shadow: then the refusal is counted. What is signed was signed to be held to
    /// it.
    /// </summary>
    /// <exception cref="KmsException">The refusal.</exception>
    public void Refuse(HttpContext context, StrictRule rule, KmsException refusal, bool isSigned)
    {
        if (isSigned || !_shadow.Contains(rule))
        {
            throw refusal;
        }

        ledger.WouldRefuse(context, rule, refusal.Error, Of(context));
    }

    /// <summary>How an answer is written.</summary>
    public AnnexDOptions XmlOf(HttpContext context, AnnexDOptions domain)
    {
        ClientProfile profile = Of(context);
        return domain with
        {
            UserIdEncoding = profile.UserIdEncoding ?? domain.UserIdEncoding,
            Namespace = profile.Namespace ?? domain.Namespace,
        };
    }

    private static bool HasNoBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || context.Request.ContentLength == 0;

    private (ClientProfile Profile, ProfileSource Source) Select(HttpContext context, ServedDomain? domain, BodyMarks body)
    {
        ProfileSettings profiles = settings.Profiles;
        (ClientProfileKind kind, ProfileSource source) =
            profiles.FindClient(context.User, body.ClientId) is { } client ? (client, ProfileSource.Client)
            : profiles.FindNetwork(context.Connection.RemoteIpAddress) is { } network ? (network, ProfileSource.Network)
            : (domain?.Settings.DefaultProfile ?? profiles.Default, ProfileSource.Default);
        return kind == ClientProfileKind.Auto && ProfileEvidence.Recognise(context.Request, body, profiles) is { } recognised
            ? (profiles.Get(recognised), ProfileSource.Evidence)
            : (profiles.Get(kind), source);
    }
}
