using System.Globalization;
using System.Net.Http.Headers;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.McServices.Xcap;
using Watchword.Mikey;

namespace Watchword.Lab.Walk;

/// <summary>Configuration and group documents behind the token (TS 24.484, TS 24.481), through the HTTP proxy.</summary>
internal sealed class DocumentsWalk(WalkRunner runner, LabServers servers, LabServices services, LabDescription lab, TimeProvider time)
{
    private const string UeId = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";
    private const string Group = "sip:rescue-team@" + LabDomain.IdentityDomain;
    private const string GroupDocumentName = "rescue-team.xml";

    private static readonly ApplicationUsage _profiles = ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.Mcptt);
    private static readonly ApplicationUsage _services = ApplicationUsage.Of(DocumentKind.ServiceConfiguration, McServiceKind.Mcptt);

    private string DispatcherUri => lab.Users[LabDomain.Dispatcher].McpttId!;

    private string MedicUri => lab.Users[LabDomain.Medic].McpttId!;

    private static string ProfilePath(string user) => _profiles.UserPath(user, _profiles.ProfileName(1));

    public async Task RunAsync(WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation)
    {
        await ProvisionAsync(cancellation);
        await BootstrapAsync(cancellation);
        await ReadConfigurationAsync(dispatcher, cancellation);
        await MakeGroupAsync(dispatcher, medic, cancellation);
        await KeyGroupAsync(dispatcher, medic, cancellation);
        await new SubscriptionsWalk(runner, servers, services, time).RunAsync(
            dispatcher, DocumentSelector.OfUser(_profiles.Auid, DispatcherUri, [_profiles.ProfileName(1)]), Group,
            () => ReplaceProfileAsync(cancellation), () => DeleteGroupAsync(dispatcher, cancellation), cancellation);
        await FindNoGroupAsync(medic, cancellation);
    }

    private Task ProvisionAsync(CancellationToken cancellation) => runner.StepAsync(
        "the provisioning system writes configuration documents", "TS 24.484 6.2.4, 7.2, 8.3, 8.4; TS 24.482 A.2.1.3", async facts =>
        {
            using LabProvisioning provisioning = new(servers, services);
            await PutAsync(ApplicationUsage.UeInitialConfiguration.UserPath("default", "default"), ApplicationUsage.UeInitialConfiguration, provisioning.InitialConfiguration.Write());
            await PutAsync(_services.GlobalPath("service-config.xml"), _services, new ServiceConfiguration { Service = McServiceNames.Mcptt, Domain = LabDomain.IdentityDomain }.Write());
            foreach (string user in (string[])[DispatcherUri, MedicUri])
            {
                await PutAsync(ProfilePath(user), _profiles, ProfileOf(user).Write());
            }

            async Task PutAsync(string path, ApplicationUsage usage, byte[] content)
            {
                using HttpResponseMessage response = await provisioning.PutAsync(usage, path, content, cancellation);
                facts.Require(response.IsSuccessStatusCode, $"{usage.Auid}: {(int)response.StatusCode}, ETag {response.Headers.ETag}");
            }
        });

    private Task BootstrapAsync(CancellationToken cancellation) => runner.StepAsync(
        "a UE reads its initial configuration before anybody has logged in", "TS 24.484 7.2, TS 36.579-3 5.1", async facts =>
        {
            (int status, byte[] body) = await GetAsync(
                servers.Ports.ConfigurationRoot, ApplicationUsage.UeInitialConfiguration.UserPath(UeId, UeId), null, cancellation);
            facts.Require(status == 200, "200 without a token, over the connection to the proxy");
            UeInitialConfiguration configuration = UeInitialConfiguration.Parse(body);
            facts.Require(
                configuration.IdmsTokenEndpoint.StartsWith(servers.Ports.IdmUrl, StringComparison.Ordinal), $"IdM server {configuration.IdmsTokenEndpoint}");
            facts.Require(configuration.ConfidentialityProtectionEnabled && configuration.IntegrityProtectionEnabled, "XML in SIP is protected");
            facts.Require(configuration.ServerUris.Count == 3, $"MCPTT server {configuration.ServerUris[McServiceKind.Mcptt]}");
        });

    private Task ReadConfigurationAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher reads his user profile and the service configuration, and nobody else's", "TS 24.484 8.3, 8.4, 6.3; TS 33.180 5.1.3.1 C-4", async facts =>
        {
            AccessToken token = await dispatcher.Tokens.GetAccessTokenAsync(McResource.ConfigurationManagement, cancellation);
            string root = servers.Ports.ConfigurationRoot;
            (int status, byte[] body) = await GetAsync(root, ProfilePath(DispatcherUri), token, cancellation);
            UserProfile profile = UserProfile.Parse(McServiceNames.Mcptt, body);
            facts.Require(status == 200 && profile.Groups is [{ } group], $"profile 1 names {profile.Groups.Count} group");
            (status, body) = await GetAsync(root, _services.GlobalPath("service-config.xml"), token, cancellation);
            facts.Require(
                status == 200 && ServiceConfiguration.Parse(McServiceNames.Mcptt, body).ConfidentialityProtection, "signalling protection is on");
            (status, _) = await GetAsync(root, ProfilePath(MedicUri), token, cancellation);
            facts.Require(status == 403, "medic's profile: 403");
            (status, _) = await GetAsync(root, ProfilePath(DispatcherUri), null, cancellation);
            facts.Require(status == 403, "without a token: 403");
            AccessToken other = await dispatcher.Tokens.GetAccessTokenAsync(McResource.GroupManagement, cancellation);
            (status, _) = await GetAsync(root, ProfilePath(DispatcherUri), other, cancellation);
            facts.Require(status == 401, "with a token for group management: 401");
        });

    private Task MakeGroupAsync(WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher makes a group of two", "TS 24.481 6.3.2, 7.2; TS 33.180 5.1.3.1 C-5", async facts =>
        {
            AccessToken token = await dispatcher.Tokens.GetAccessTokenAsync(McResource.GroupManagement, cancellation);
            AccessToken medics = await medic.Tokens.GetAccessTokenAsync(McResource.GroupManagement, cancellation);
            int status = await SendAsync(
                HttpMethod.Put, OwnPath, token, Body(GroupOf(DispatcherUri, MedicUri).Write(), ApplicationUsage.Groups), cancellation);
            facts.Require(status is 200 or 201, $"PUT in his own directory: {status}");
            (status, byte[] body) = await GetAsync(servers.Ports.GroupsRoot, ById, medics, cancellation);
            facts.Require(status == 200 && GroupDocument.Parse(body).Uri == Group, "medic, a member, reads it by its identity");
            facts.Require(GroupDocument.Parse(body).Members is null, "without the member list, which no rule shows him");
            status = await SendAsync(HttpMethod.Delete, ById, medics, null, cancellation);
            facts.Require(status == 403, "he may not delete it: 403");
        });

    private Task KeyGroupAsync(WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation) => runner.StepAsync(
        "the group has a key; medic is removed, and the next one is not for him", "TS 33.180 5.7, 7.3; TS 24.481 6.3.4", async facts =>
        {
            using TlsTrust trust = TlsTrust.FromCaFile(servers.CaFile);
            using XcapClient dispatchers = Xcap(dispatcher, trust);
            using XcapClient medics = Xcap(medic, trust);
            GroupClient owner = new(dispatchers);
            GroupClient member = new(medics);
            _ = await FetchUntilKeyedAsync(owner, dispatcher, cancellation);
            _ = await member.FetchKeysAsync(Group, Exchange(medic), cancellation);
            uint? first = SendingKey(dispatcher, DispatcherUri);
            facts.Require(first is not null && first == SendingKey(medic, MedicUri), $"GMK-ID {Hex(first)}, fetched by both through the proxy");

            _ = await owner.ReplaceAsync(Group, GroupOf(DispatcherUri), cancellationToken: cancellation);
            _ = await owner.FetchKeysAsync(Group, Exchange(dispatcher), cancellation);
            uint? second = SendingKey(dispatcher, DispatcherUri);
            facts.Require(second is not null && second != first, $"GMK-ID {Hex(second)} for who is left");
            GroupKeysFetched news = await member.FetchKeysAsync(Group, Exchange(medic), cancellation);
            // The server also repeats what it revoked in an earlier walk of this lab, as long as it keeps that.
            facts.Require(
                news.Receipts.Single(receipt => receipt.Key.KeyId == first).Change == ServiceKeyChange.Revoked
                    && news.Receipts.All(receipt => receipt.Key.IsRevoked),
                "medic hears that his is revoked, and gets no other");
            facts.Require(
                SendingKey(medic, MedicUri) is null && medic.Store.FindReceivingKeys(second!.Value).Count == 0,
                "he sends to the group no more, and has nothing to open what the others send");
        });

    private async Task ReplaceProfileAsync(CancellationToken cancellation)
    {
        using LabProvisioning provisioning = new(servers, services);
        UserProfile profile = ProfileOf(DispatcherUri) with { Name = "on duty" };
        using HttpResponseMessage response = await provisioning.PutAsync(_profiles, ProfilePath(DispatcherUri), profile.Write(), cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new LabException($"a user profile could not be written anew: {(int)response.StatusCode}");
        }
    }

    private async Task DeleteGroupAsync(WalkProfile dispatcher, CancellationToken cancellation)
    {
        AccessToken token = await dispatcher.Tokens.GetAccessTokenAsync(McResource.GroupManagement, cancellation);
        int status = await SendAsync(HttpMethod.Delete, OwnPath, token, null, cancellation);
        if (status != 200)
        {
            throw new LabException($"the owner of a group could not delete it: {status}");
        }
    }

    private Task FindNoGroupAsync(WalkProfile medic, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher has taken the group back", "TS 24.481 6.3.5", async facts =>
        {
            AccessToken medics = await medic.Tokens.GetAccessTokenAsync(McResource.GroupManagement, cancellation);
            (int status, _) = await GetAsync(servers.Ports.GroupsRoot, ById, medics, cancellation);
            facts.Require(status == 404, "it is gone: 404");
        });

    private static UserProfile ProfileOf(string user) => new()
    {
        Service = McServiceNames.Mcptt, XuiUri = user, Index = 1, Groups = [new UserProfileGroup(Group)],
    };

    private static string ById => ApplicationUsage.Groups.GlobalPath(ApplicationUsage.ByGroupId, Group);

    private string OwnPath => ApplicationUsage.Groups.UserPath(DispatcherUri, GroupDocumentName);

    private GroupDocument GroupOf(params string[] members) => new()
    {
        Uri = Group,
        Owner = DispatcherUri,
        Members = [.. members.Select(member => new GroupMember(member))],
        SupportedServices = [new GroupService(McServiceNames.Mcptt.Icsi)],
    };

    private XcapClient Xcap(WalkProfile profile, TlsTrust trust) => new(
        new XcapClientOptions
        {
            Root = servers.Ports.GroupsRoot, HttpProxy = new HomeHttpProxy { Url = servers.Ports.ProxyUrl },
        },
        trust, profile.Tokens, time);

    private ServiceKeyExchange Exchange(WalkProfile profile) => new(
        profile.Store, time, new ServiceKeyExchangeOptions { GroupManagementServers = [LabServices.GmsUri] });

    private static uint? SendingKey(WalkProfile profile, string user) =>
        profile.Store.FindSendingKey(ServiceKeyScope.ForGroup(user, Group, KeyPurpose.Gmk))?.KeyId;

    private static string Hex(uint? id) => id?.ToString("X8", CultureInfo.InvariantCulture) ?? "none";

    /// <summary>The server's own keys may be on their way still: 503 until then.</summary>
    private async Task<GroupKeysFetched> FetchUntilKeyedAsync(GroupClient client, WalkProfile profile, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await client.FetchKeysAsync(Group, Exchange(profile), cancellation);
            }
            catch (WatchwordClientException) when (attempt < 20)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellation);
            }
        }
    }

    private static ByteArrayContent Body(byte[] content, ApplicationUsage usage)
    {
        ByteArrayContent body = new(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(usage.MediaType);
        return body;
    }

    private async Task<(int Status, byte[] Body)> GetAsync(string root, string path, AccessToken? token, CancellationToken cancellation)
    {
        using HttpClient http = ThroughProxy(out TlsTrust trust);
        using (trust)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, root + "/" + path);
            request.Headers.Authorization = token?.ToAuthorizationHeader();
            using HttpResponseMessage response = await http.SendAsync(request, cancellation);
            return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
        }
    }

    private async Task<int> SendAsync(
        HttpMethod method, string path, AccessToken token, HttpContent? content, CancellationToken cancellation)
    {
        using HttpClient http = ThroughProxy(out TlsTrust trust);
        using (trust)
        {
            using HttpRequestMessage request = new(method, servers.Ports.GroupsRoot + "/" + path) { Content = content };
            request.Headers.Authorization = token.ToAuthorizationHeader();
            using HttpResponseMessage response = await http.SendAsync(request, cancellation);
            return (int)response.StatusCode;
        }
    }

    private HttpClient ThroughProxy(out TlsTrust trust)
    {
        trust = TlsTrust.FromCaFile(servers.CaFile);
        return new HttpClient(trust.CreateHandler(new HomeHttpProxy { Url = servers.Ports.ProxyUrl }));
    }
}
