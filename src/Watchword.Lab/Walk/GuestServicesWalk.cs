using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;

namespace Watchword.Lab.Walk;

/// <summary>Service authorisation at the MCX server of the other domain (TS 33.180 5.1.4, 5.1.3.2.3, 5.4).</summary>
internal sealed class GuestServicesWalk(WalkRunner runner, RunningLab lab)
{
    private const string RangerClient = "urn:uuid:0e1d2c3b-4a59-4687-9abc-0d1e2f3a4b5c";
    private const string GuestClient = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";

    private readonly LabSite _allied = lab.Allied.Site;

    public Task RunAsync(GuestProfile guest, WalkProfile ranger, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher is authorised at the MCX server of the other domain, beside ranger", "TS 33.180 5.1.4, 5.1.3.2.3, 5.4, 9.3; TS 24.379 7.3.3", async facts =>
        {
            await AuthorizeAsync(facts, "ranger", ranger.Tokens, ranger.Store, _allied.Names.PublicIdentityOf(LabDomain.Ranger), RangerClient, cancellation);
            string impu = lab.Home.Site.Names.PublicIdentityOf(LabDomain.Dispatcher);
            ServiceAuthorizationResult refused = await ServicesWalk.AskUntilKeyedAsync(
                Client(guest.Home.Tokens, guest.Home.Store, impu, GuestClient), cancellation, Settings(GuestClient));
            facts.Require(
                refused.Outcome != ServiceAuthorizationOutcome.Done, $"dispatcher with a token of his home domain: {refused.StatusCode}, Warning {refused.WarningCode}");
            await AuthorizeAsync(facts, "dispatcher", guest.Tokens, guest.Store, impu, GuestClient, cancellation);
            int count = await lab.Allied.Services.CountBindingsAsync(cancellation);
            facts.Require(count == 2, string.Create(CultureInfo.InvariantCulture, $"the MCX server there holds {count} bindings"));
        });

    private async Task AuthorizeAsync(
        WalkFacts facts, string name, TokenCache tokens, KeyStore store, string impu, string clientId, CancellationToken cancellation)
    {
        ServiceAuthorizationClient client = Client(tokens, store, impu, clientId);
        ServiceAuthorizationResult result = await ServicesWalk.AskUntilKeyedAsync(client, cancellation, Settings(clientId));
        facts.Require(
            result.Outcome == ServiceAuthorizationOutcome.Done,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {result.StatusCode}, with CSK-ID {client.Csk?.KeyId:X8} from the key set of {store.RootCertificate!.KmsUri}"));
    }

    private static PocSettings Settings(string clientId) => new()
    {
        Entities = [new PocSettingsEntity { Id = clientId, AnswerMode = AnswerMode.Automatic, SelectedUserProfileIndex = 1 }],
    };

    private ServiceAuthorizationClient Client(TokenCache tokens, KeyStore store, string impu, string clientId) => new(
        tokens,
        new ServiceKeyExchange(store, _allied.Time, new ServiceKeyExchangeOptions { McxServers = [_allied.Names.McxDomainUri] }),
        new ServiceAuthorizationOptions
        {
            Service = McService.Mcptt,
            ServerUri = _allied.Names.ServerUri(McServiceNames.Mcptt),
            McxDomainUri = _allied.Names.McxDomainUri,
            PublicUserIdentity = impu,
            ClientId = clientId,
            ExpiresSeconds = 3600,
            EncryptsValues = true,
            SignsBodies = true,
        },
        lab.Allied.Services.Core.SendAsync);
}
