using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>How service authorisation is asked for.</summary>
/// <param name="ByRegister">In the REGISTER, and not by PUBLISH.</param>
/// <param name="InClear">Without protection.</param>
/// <param name="ExpiresSeconds">For how long.</param>
internal sealed record UeServiceTerms(bool ByRegister, bool InClear, uint ExpiresSeconds);

/// <summary>
/// Registration at the SIP core and authorisation at the MCX servers (TS 33.180 5.1.1 B, 5.1.3.1 C-3, 5.1.3.2; clause 7.2 of TS 24.379,
/// TS 24.281 and TS 24.282).
/// </summary>
internal sealed class UeServices(UeContext context, UeSipAgent? agent, UeServiceTerms terms)
{
    private const string RegisterClause = "TS 33.180 5.1.1 B, TS 24.379 7.2.1";

    private readonly UeScript _script = context.Script;
    private readonly SortedDictionary<McService, ServiceAuthorizationClient> _authorized = [];

    /// <summary>Registers, and asks for every service; one that is refused does not stop the others.</summary>
    public async Task AuthorizeAsync(IReadOnlyList<McService> services, CancellationToken cancellation)
    {
        if (agent is null || services.Count == 0)
        {
            return;
        }

        SortedDictionary<McService, ServiceAuthorizationClient> clients = [];
        foreach (McService service in services)
        {
            // What the initial configuration does not offer (TS 24.484 7.2.2.1) is not asked for.
            if (context.Initial.ServerUris.ContainsKey((McServiceKind)(int)service))
            {
                clients.Add(service, Resumed(service));
            }
            else
            {
                _script.Skip(NameOf(service), Clause(service), "the initial configuration names no server of the service");
            }
        }

        SortedDictionary<McService, ServiceAuthorizationClient> asked = await RegisterAsync(clients, services, cancellation);
        foreach ((McService service, ServiceAuthorizationClient client) in asked)
        {
            await AuthorizeAsync(service, client, cancellation);
        }
    }

    /// <summary>Publishes which user profile is used (7.2.3, 7.4.1.2).</summary>
    public async Task SelectAsync(IReadOnlyDictionary<McService, UserProfile> profiles, CancellationToken cancellation)
    {
        foreach ((McService service, ServiceAuthorizationClient client) in _authorized)
        {
            string name = $"{UeContext.NamesOf(service).Name} settings";
            string clause = $"{Specification(service)} 7.2.3, 7.4.1.2";
            if (!profiles.TryGetValue(service, out UserProfile? profile))
            {
                _script.Skip(name, clause, "there is no user profile to select");
                continue;
            }

            _ = await _script.TryAsync(name, clause, async () =>
            {
                ServiceAuthorizationResult result = UeRefusals.Require(
                    await client.UpdateAsync(Settings(service, profile.Index), cancellation), service, clause);
                Keep(service, client);
                return string.Create(CultureInfo.InvariantCulture, $"{result.StatusCode}, user profile {profile.Index}");
            });
        }
    }

    /// <summary>Goes on with what the state and the key store hold of a service.</summary>
    public static ServiceAuthorizationClient Resume(
        UeContext context, UeSipAgent agent, UeAuthorization authorization, uint expiresSeconds)
    {
        ServiceAuthorizationClient client = new(
            context.Session.Tokens, context.Keys,
            new ServiceAuthorizationOptions
            {
                Service = authorization.Service,
                ServerUri = authorization.ServerUri,
                McxDomainUri = authorization.McxDomain,
                PublicUserIdentity = context.State.PublicUserIdentity!,
                ClientId = context.State.ClientId,
                EncryptsValues = authorization.EncryptsValues,
                SignsBodies = authorization.SignsBodies,
                ExpiresSeconds = expiresSeconds,
            },
            agent.SendAsync);
        client.Resume(authorization.EntityTag, FindCsk(context, authorization));
        return client;
    }

    /// <summary>The CSK of an authorisation: the one of its server that was activated last, made here or sent from there.</summary>
    public static ServiceKeyInfo? FindCsk(UeContext context, UeAuthorization authorization) =>
        context.Session.Store.Identity?.For(authorization.Service) is { } owner
            ? context.Session.Store.FindSendingKey(ServiceKeyScope.ForPeer(owner, authorization.McxDomain, KeyPurpose.Csk))
            : null;

    /// <summary>The specification of a service.</summary>
    public static string Specification(McService service) => service switch
    {
        McService.Mcptt => "TS 24.379",
        McService.McVideo => "TS 24.281",
        _ => "TS 24.282",
    };

    private ServiceAuthorizationClient Resumed(McService service)
    {
        UeAuthorization wanted = Wanted(service);
        // Of another server, under another key or in another form than what stands: nothing to go on with.
        UeAuthorization? known = context.State.Authorizations.FirstOrDefault(one => one.Service == service);
        bool isSame = known is not null && known with { EntityTag = null } == wanted;
        return Resume(context, agent!, isSame ? known! : wanted, terms.ExpiresSeconds);
    }

    private UeAuthorization Wanted(McService service)
    {
        string server = context.Initial.ServerUris[(McServiceKind)(int)service];
        return new UeAuthorization(
            service, server, context.State.McxDomain ?? server, EntityTag: null,
            !terms.InClear && context.Initial.ConfidentialityProtectionEnabled,
            !terms.InClear && context.Initial.IntegrityProtectionEnabled);
    }

    /// <summary>One REGISTER for all services (7.2.1).</summary>
    /// <returns>The services that are to be asked for now, or about.</returns>
    private async Task<SortedDictionary<McService, ServiceAuthorizationClient>> RegisterAsync(
        SortedDictionary<McService, ServiceAuthorizationClient> clients, IReadOnlyList<McService> services,
        CancellationToken cancellation)
    {
        SortedDictionary<McService, ServiceAuthorizationClient> offered = terms.ByRegister ? [] : clients;
        List<SipBodyPart> parts = [];
        foreach ((McService service, ServiceAuthorizationClient client) in terms.ByRegister ? clients : [])
        {
            string name = $"{UeContext.NamesOf(service).Name} offer";
            if (await _script.TryAsync(name, $"TS 33.180 5.1.3.2.2, {Specification(service)} 7.2.1", async () =>
            {
                IReadOnlyList<SipBodyPart> made = await client.OfferAsync(cancellation);
                parts.AddRange(made);
                return $"{Printable.Number(made.Count)} parts";
            }))
            {
                offered.Add(service, client);
            }
        }

        bool isRegistered = await _script.TryAsync("SIP registration", RegisterClause, async () =>
        {
            SipRegistration registration = UeRegistration.Next(context, agent!);
            (SipRequest request, SipRegistration next) = registration.CreateRegister([.. services], terms.ExpiresSeconds, parts);
            context.Keep(state => state with { Registration = next });
            SipResponse response = UeRefusals.RequireRegistered(await agent!.SendAsync(request, cancellation), RegisterClause);
            string content = parts.Count == 0 ? string.Empty : ", with what asks for the services";
            uint seconds = response.Headers.Expires ?? terms.ExpiresSeconds;
            return string.Create(CultureInfo.InvariantCulture, $"{response.StatusCode}, for {seconds} s{content}");
        });
        // A publication may be taken all the same, from a user whom the core knows otherwise; what went with the REGISTER went nowhere.
        return isRegistered || !terms.ByRegister ? offered : [];
    }

    private async Task AuthorizeAsync(McService service, ServiceAuthorizationClient client, CancellationToken cancellation)
    {
        string clause = Clause(service);
        _ = await _script.TryAsync(NameOf(service), clause, async () =>
        {
            bool isKnown = client.EntityTag is not null;
            ServiceAuthorizationResult result = UeRefusals.Require(await AskAsync(service, client, cancellation), service, clause);
            _authorized.Add(service, client);
            Keep(service, client);
            string how = terms.ByRegister ? "by REGISTER" : isKnown ? "by PUBLISH, refreshed" : "by PUBLISH";
            string under = client.Csk is { } csk ? string.Create(CultureInfo.InvariantCulture, $"CSK-ID {csk.KeyId:X8}") : "in the clear";
            string others = result.HasOtherDevices ? ", another client of this user is authorised too" : string.Empty;
            return string.Create(CultureInfo.InvariantCulture, $"{result.StatusCode} {how}, {under}{others}");
        });
    }

    /// <summary>Asks, and again where the server wants to be asked later: its own keys may be on their way.</summary>
    private async Task<ServiceAuthorizationResult> AskAsync(
        McService service, ServiceAuthorizationClient client, CancellationToken cancellation)
    {
        PocSettings settings = Settings(service, null);
        for (int attempt = 1; ; attempt++)
        {
            ServiceAuthorizationResult result = terms.ByRegister
                ? await client.ConfirmAsync(settings, cancellation)
                : await client.AuthorizeAsync(settings, cancellation);
            if (result.Outcome != ServiceAuthorizationOutcome.TryLater || attempt == UePauses.Attempts)
            {
                return result;
            }

            await UePauses.WaitAsync(result.RetryAfter, context.Clock, cancellation);
        }
    }

    private void Keep(McService service, ServiceAuthorizationClient client) => context.Keep(state => state with
    {
        Authorizations =
        [
            .. state.Authorizations.Where(known => known.Service != service), Wanted(service) with { EntityTag = client.EntityTag },
        ],
    });

    private PocSettings Settings(McService service, int? profile) => new()
    {
        Entities =
        [
            new PocSettingsEntity
            {
                Id = context.State.ClientId,
                AnswerMode = UeContext.NamesOf(service).HasAnswerMode ? AnswerMode.Automatic : null,
                SelectedUserProfileIndex = profile,
            },
        ],
    };

    private static string NameOf(McService service) => $"{UeContext.NamesOf(service).Name} service authorisation";

    private string Clause(McService service) => terms.ByRegister
        ? $"TS 33.180 5.1.3.1 C-3, 5.1.3.2.2, {Specification(service)} 7.2.1"
        : $"TS 33.180 5.1.3.1 C-3, 5.1.3.2.3, {Specification(service)} 7.2.2";
}
