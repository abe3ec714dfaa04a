using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Sip;

namespace Watchword.Lab.Walk;

/// <summary>The services behind the token: identity keys through the HTTP proxy, and service authorisation at the MCX server.</summary>
internal sealed class ServicesWalk(WalkRunner runner, LabServers servers, LabServices services, TimeProvider time)
{
    private const string Impu = "sip:dispatcher@" + LabServices.ImsDomain;
    private const string ClientId = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";

    public async Task RunAsync(WalkProfile dispatcher, CancellationToken cancellation)
    {
        await KeyThroughProxyAsync(dispatcher, cancellation);
        await RefuseAssertionAsync(cancellation);
        List<ServiceAuthorizationClient> clients = [];
        await AuthorizeAsync(dispatcher, clients, cancellation);
        await RefuseWrongTokenAsync(dispatcher, cancellation);
        await ChangeSettingsAsync(clients, cancellation);
        await LogOffAsync(dispatcher, clients, cancellation);
    }

    private Task KeyThroughProxyAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher is keyed through the HTTP proxy", "TS 33.180 6.1, TS 24.482 A.2", async facts =>
        {
            using TlsTrust trust = TlsTrust.FromCaFile(servers.CaFile);
            KmClientOptions options = new()
            {
                KmsUrl = servers.Ports.KmsUrl, HttpProxy = new HomeHttpProxy { Url = servers.Ports.ProxyUrl },
            };
            using KmClient keys = new(options, trust, dispatcher.Tokens, time);
            IReadOnlyList<KeySetInfo> sets = await keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(sets.Count == AnnexB.Services.Count, $"{sets.Count} key sets, over the connection to {servers.Ports.ProxyUrl}");
        });

    private Task RefuseAssertionAsync(CancellationToken cancellation) => runner.StepAsync(
        "refused: a UE asserts an identity at the proxy", "TS 24.482 A.2.2", async facts =>
        {
            using TlsTrust trust = TlsTrust.FromCaFile(servers.CaFile);
            using HttpClient http = new(trust.CreateHandler());
            using HttpRequestMessage request = new(HttpMethod.Post, servers.Ports.ProxyUrl + "/keymanagement/identity/v1/init");
            request.Headers.Add(AssertedIdentityHeader.Name, $"\"{LabServices.McxDomainUri}\"");
            using HttpResponseMessage response = await http.SendAsync(request, cancellation);
            facts.Require((int)response.StatusCode == 403, "403, and nothing reaches the KMS");
        });

    private Task AuthorizeAsync(WalkProfile dispatcher, List<ServiceAuthorizationClient> clients, CancellationToken cancellation) =>
        runner.StepAsync("dispatcher is authorised for MCPTT, MCVideo and MCData", "TS 33.180 5.1.3.2.3, 5.4, 9.3; TS 24.379 7.2.2, 7.3.3", async facts =>
        {
            foreach (McService service in AnnexB.Services)
            {
                ServiceAuthorizationClient client = Client(dispatcher, service);
                clients.Add(client);
                ServiceAuthorizationResult result = await AskUntilKeyedAsync(client, cancellation);
                facts.Require(
                    result.Outcome == ServiceAuthorizationOutcome.Done,
                    string.Create(CultureInfo.InvariantCulture, $"{service}: {result.StatusCode}, token and client ID encrypted, bodies signed under CSK-ID {client.Csk?.KeyId:X8}"));
            }

            await DescribeAsync(facts, AnnexB.Services.Count, cancellation);
        });

    private Task RefuseWrongTokenAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "refused: a token for key management at the MCX server", "TS 33.180 B.10; TS 24.379 7.3.3, 4.4", async facts =>
        {
            McServiceNames names = McServiceNames.Mcptt;
            AccessToken other = await dispatcher.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            SipRequest request = SipRequest.Create(
                SipMethods.Publish, SipUri.Parse(LabServices.ServerUri(names)), SipUri.Parse(Impu), SipUri.Parse(LabServices.ServerUri(names)));
            request.Headers.Add(SipHeaderNames.Event, PocSettings.EventPackage);
            request.Headers.Add(SipHeaderNames.Expires, "3600");
            request.Headers.Add(SipHeaderNames.PPreferredIdentity, $"<{Impu}>");
            McInfo info = new(names)
            {
                AccessToken = McInfoValue.FromText(other.Reveal()), ClientId = McInfoValue.FromText(ClientId),
            };
            SipBody.Write(
                request, SipBodyPart.Create(names.InfoMediaType, info.Write()), SipBodyPart.Create(PocSettings.MediaType, Settings(1).Write()));
            SipResponse response = await services.Core.SendAsync(request, cancellation);
            facts.Require(
                response.StatusCode == 403 && response.Headers.Warning is [{ } warning] && warning.Text.StartsWith("101", StringComparison.Ordinal),
                $"403, Warning \"{response.Headers.Warning[0].Text}\"");
            await DescribeAsync(facts, AnnexB.Services.Count, cancellation);
        });

    private Task ChangeSettingsAsync(List<ServiceAuthorizationClient> clients, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher selects another user profile", "TS 24.379 7.2.3, 7.3.4; RFC 3903 §4.1", async facts =>
        {
            ServiceAuthorizationResult result = await clients[0].UpdateAsync(Settings(2), cancellation);
            facts.Require(result.Outcome == ServiceAuthorizationOutcome.Done, $"{result.StatusCode}, without a token, signed under the CSK that stands");
        });

    private Task LogOffAsync(
        WalkProfile dispatcher, List<ServiceAuthorizationClient> clients, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher logs off from every service", "TS 24.379 7.3.5: Expires 0", async facts =>
        {
            foreach (ServiceAuthorizationClient client in clients)
            {
                ServiceAuthorizationResult result = await client.LogOffAsync(cancellation);
                facts.Require(result.Outcome == ServiceAuthorizationOutcome.Done && client.Csk is null, $"{result.StatusCode}, the CSK is wiped");
            }

            // Without protection: the client has no key any more to protect it with, and would not send it.
            ServiceAuthorizationResult late = await Client(dispatcher, McService.Mcptt, isProtected: false)
                .UpdateAsync(Settings(1), cancellation);
            facts.Require(
                late.Outcome == ServiceAuthorizationOutcome.UserUnknown, $"settings afterwards: {late.StatusCode}, Warning {late.WarningCode}");
            await DescribeAsync(facts, 0, cancellation);
        });

    /// <summary>The server's own keys may be on their way still: it says 500 with the time to wait, and refuses nobody.</summary>
    internal static async Task<ServiceAuthorizationResult> AskUntilKeyedAsync(
        ServiceAuthorizationClient client, CancellationToken cancellation, PocSettings? settings = null)
    {
        settings ??= Settings(1);
        ServiceAuthorizationResult result = await client.AuthorizeAsync(settings, cancellation);
        for (int attempt = 0; attempt < 20 && result.Outcome == ServiceAuthorizationOutcome.TryLater; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellation);
            result = await client.AuthorizeAsync(settings, cancellation);
        }

        return result;
    }

    private async Task DescribeAsync(WalkFacts facts, int expected, CancellationToken cancellation)
    {
        int count = await services.CountBindingsAsync(cancellation);
        facts.Require(count == expected, string.Create(CultureInfo.InvariantCulture, $"the MCX server holds {count} bindings"));
    }

    private static PocSettings Settings(int profile) => new()
    {
        Entities = [new PocSettingsEntity { Id = ClientId, AnswerMode = AnswerMode.Automatic, SelectedUserProfileIndex = profile }],
    };

    private ServiceAuthorizationClient Client(WalkProfile profile, McService service, bool isProtected = true)
    {
        McServiceNames names = McServiceNames.Of((McServiceKind)(int)service);
        return new ServiceAuthorizationClient(
            profile.Tokens,
            new ServiceKeyExchange(profile.Store, time, new ServiceKeyExchangeOptions { McxServers = [LabServices.McxDomainUri] }),
            new ServiceAuthorizationOptions
            {
                Service = service,
                ServerUri = LabServices.ServerUri(names),
                McxDomainUri = LabServices.McxDomainUri,
                PublicUserIdentity = Impu,
                ClientId = ClientId,
                ExpiresSeconds = 3600,
                EncryptsValues = isProtected,
                SignsBodies = isProtected,
            },
            services.Core.SendAsync);
    }
}
