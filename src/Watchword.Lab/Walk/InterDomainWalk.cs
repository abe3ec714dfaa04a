using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.Lab.Walk;

/// <summary>
/// Two complete domains: users of the first are given services of the second (TS 33.180 5.1.4, B.7, C.2; docs/flows/inter-domain.md).
/// Dispatcher is migrated, medic is not.
/// </summary>
internal sealed class InterDomainWalk(WalkRunner runner, RunningLab lab, string scratch)
{
    /// <summary>A group of the other domain.</summary>
    public const string Group = "sip:border-rescue@" + LabDomain.AlliedIdentityDomain;

    private const int ProfileIndex = 2;

    private readonly LabSite _home = lab.Home.Site;
    private readonly LabSite _allied = lab.Allied.Site;

    private static readonly string[] _groupScopes = [McScopes.For(McService.Mcptt, McResource.GroupManagement)];

    public async Task RunAsync(WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation)
    {
        if (!runner.Held)
        {
            return;
        }

        using WalkProfile ranger = await WalkProfile.CreateAsync(
            LabDomain.Ranger, scratch, lab.Allied.Servers, _allied.Time, cancellation: cancellation);
        using TlsTrust trust = TlsTrust.FromCaFile(_home.Ca.CaFile);
        GuestKeysWalk keys = new(runner, lab);
        await keys.MeetAsync(ranger, dispatcher, medic, cancellation);
        await ReadProfileAsync(dispatcher, trust, cancellation);
        using ForeignUsers foreign = await ForeignUsers.LogInAsync(lab.Allied, scratch, cancellation);
        await LetInAsync(foreign, cancellation);
        await TradeTokensAsync(dispatcher, trust, cancellation);
        using GuestProfile migrated = await GuestProfile.MigrateAsync(dispatcher, lab, scratch, cancellation);
        using GuestProfile visiting = GuestProfile.Stay(medic, lab);
        await keys.MigrateAsync(migrated, cancellation);
        JointGroup people = new(ranger, migrated, visiting);
        await new JointGroupWalk(runner, lab).RunAsync(people, cancellation);
        await new GuestServicesWalk(runner, lab).RunAsync(migrated, ranger, cancellation);
        await new GuestsLeaveWalk(runner, lab, foreign).RunAsync(people, cancellation);
    }

    private async Task ReadProfileAsync(WalkProfile dispatcher, TlsTrust trust, CancellationToken cancellation)
    {
        await runner.StepAsync("the user profile says which group is of another domain, and how to get there", "TS 33.180 C.2 step 1; TS 24.484 8.3", async facts =>
        {
            await ProvisionProfileAsync(lab.Home.Description.Users[LabDomain.Dispatcher].McpttId!, trust, cancellation);
            XcapClientOptions options = new()
            {
                Root = _home.Ports.ConfigurationRoot, HttpProxy = new HomeHttpProxy { Url = _home.Ports.ProxyUrl },
            };
            using XcapClient xcap = new(options, trust, dispatcher.Tokens, _home.Time);
            UserProfile profile = (await new ConfigurationClient(xcap)
                .FetchUserProfileAsync(McService.Mcptt, ProfileIndex, cancellationToken: cancellation))!.Value;
            UserProfileGroup group = profile.Groups.Single();
            facts.Require(group.GroupUri == Group && group.GmsUri == _allied.Names.GmsUri, $"{group.GroupUri} is managed by {group.GmsUri}");
            facts.Require(
                group.IdmsTokenEndpoint == _allied.Ports.IdmUrl + "/connect/token", $"tokens for it come from {group.IdmsTokenEndpoint}");
            facts.Require(group.PartnerAudience == _allied.Names.IdmResource, $"which the home IdM server knows as {group.PartnerAudience}");
            facts.Require(group.KmsUri == _allied.Names.KmsUri, $"its domain is keyed by {group.KmsUri}");
        });
    }

    /// <summary>A walk that did not come to its end may have left him blocked.</summary>
    private async Task LetInAsync(ForeignUsers foreign, CancellationToken cancellation)
    {
        string dispatcher = lab.Home.Description.Users[LabDomain.Dispatcher].McpttId!;
        if (await foreign.FindAsync(dispatcher, cancellation) is { Blocked: true } blocked)
        {
            _ = await foreign.SetBlockedAsync(blocked, false, cancellation);
        }
    }

    private async Task TradeTokensAsync(WalkProfile dispatcher, TlsTrust trust, CancellationToken cancellation)
    {
        using TokenEndpoint home = new(trust, _home.Ports.IdmUrl), partner = new(trust, _allied.Ports.IdmUrl);
        string? security = null;
        await runner.StepAsync("his home IdM server gives dispatcher a security token for the other one", "TS 33.180 B.7.2, B.7.3, B.8; RFC 8693", async facts =>
        {
            AccessToken own = await dispatcher.Tokens.GetAccessTokenAsync(McResource.Service, cancellation);
            TokenAnswer answer = await home.ExchangeAsync(own, _allied.Names.IdmResource, cancellation);
            security = answer.AccessToken;
            TokenFacts token = new(security);
            facts.Require(
                answer.IssuedTokenType == InterDomainNames.JwtTokenType && !answer.Has("refresh_token"), "a JWT, and no refresh token");
            facts.Require(
                token.Audience == $"{LabDomain.ClientId} {_allied.Names.IdmResource}", $"aud of two: this client and the partner, {token.Audience}");
            facts.Require(token.Claim("iss") == _home.Ports.IdmUrl && !token.Has(McClaims.Scope), $"iss {token.Claim("iss")}, no scope");
            facts.Require(
                token.Lifetime > TimeSpan.Zero && token.Lifetime <= TimeSpan.FromMinutes(10), $"it lives for {token.Lifetime.TotalMinutes:0.#} minutes");
            facts.Require(
                token.Claim("mcptt_id") == lab.Home.Description.Users[LabDomain.Dispatcher].McpttId, $"mcptt_id {token.Claim("mcptt_id")}");
            TokenAnswer stranger = await home.ExchangeAsync(own, "https://idm.stranger.example", cancellation);
            facts.Require(stranger.Status == 400 && stranger.Error == "invalid_target", $"for an unknown partner: 400 {stranger.Error}");
        });
        await RefuseElsewhereAsync(home, trust, () => security!, cancellation);
        await RedeemAsync(partner, trust, () => security!, cancellation);
    }

    private Task RefuseElsewhereAsync(TokenEndpoint home, TlsTrust trust, Func<string> security, CancellationToken cancellation) => runner.StepAsync(
        "refused: the security token anywhere but at the partner's IdM server", "TS 33.180 B.7, B.8, B.11.2, B.11.3", async facts =>
        {
            TokenAnswer third = await home.RedeemAsync(security(), _groupScopes, cancellation);
            facts.Require(
                third.Status == 400 && !third.Has("access_token"), $"at another IdM server: {third.Status} {third.Error}");
            foreach (LabSite site in (LabSite[])[_home, _allied])
            {
                int status = await GetGroupAsync(site, trust, security(), cancellation);
                facts.Require(status == 401, $"as an access token at the group management server of {site.Names.IdentityDomain}: {status}");
            }
        });

    private Task RedeemAsync(TokenEndpoint partner, TlsTrust trust, Func<string> security, CancellationToken cancellation) => runner.StepAsync(
        "the partner's IdM server gives an access token of its own for it, once", "TS 33.180 B.7.4, B.7.5, B.9; RFC 7523", async facts =>
        {
            TokenAnswer answer = await partner.RedeemAsync(security(), _groupScopes, cancellation);
            TokenFacts token = new(answer.AccessToken);
            facts.Require(
                token.Claim("iss") == _allied.Ports.IdmUrl && token.Audience == _allied.Names.AudienceOf(McResource.GroupManagement),
                $"iss {token.Claim("iss")}, aud {token.Audience}");
            facts.Require(token.Scopes.SetEquals(_groupScopes), $"scope {string.Join(' ', token.Scopes)}");
            facts.Require(
                token.Claim("mcptt_id") == new TokenFacts(security()).Claim("mcptt_id") && token.Claim("sub") != new TokenFacts(security()).Claim("sub"),
                $"mcptt_id {token.Claim("mcptt_id")}, under a sub of this server");
            facts.Require(!answer.Has("refresh_token") && !answer.Has("id_token"), "no refresh token and no ID token");
            TokenAnswer again = await partner.RedeemAsync(security(), _groupScopes, cancellation);
            facts.Require(again.Status == 400 && again.Error == "invalid_grant", $"the security token once more: 400 {again.Error}");
            int status = await GetGroupAsync(_home, trust, answer.AccessToken, cancellation);
            facts.Require(status == 401, $"the access token at the group management server at home: {status}");
        });

    private static async Task<int> GetGroupAsync(LabSite site, TlsTrust trust, string token, CancellationToken cancellation)
    {
        using HttpClient http = new(trust.CreateHandler(new HomeHttpProxy { Url = site.Ports.ProxyUrl }));
        using HttpRequestMessage request = new(
            HttpMethod.Get, $"{site.Ports.GroupsRoot}/{ApplicationUsage.Groups.GlobalPath(ApplicationUsage.ByGroupId, Group)}");
        request.Headers.Authorization = new("Bearer", token);
        using HttpResponseMessage response = await http.SendAsync(request, cancellation);
        return (int)response.StatusCode;
    }

    private async Task ProvisionProfileAsync(string user, TlsTrust trust, CancellationToken cancellation)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.Mcptt);
        UserProfile profile = new()
        {
            Service = McServiceNames.Mcptt, XuiUri = user, Index = ProfileIndex,
            Groups =
            [
                new UserProfileGroup(Group, "Border rescue")
                {
                    GmsUri = _allied.Names.GmsUri,
                    IdmsTokenEndpoint = _allied.Ports.IdmUrl + "/connect/token",
                    KmsUri = _allied.Names.KmsUri,
                    PartnerAudience = _allied.Names.IdmResource,
                },
            ],
        };
        using SocketsHttpHandler handler = trust.CreateHandler();
        handler.SslOptions.ClientCertificates = [lab.Home.Services.Provisioning];
        using HttpClient http = new(handler);
        using HttpRequestMessage request = new(
            HttpMethod.Put, $"{_home.Ports.ServicesEntitiesUrl}/cms/{usage.UserPath(user, usage.ProfileName(ProfileIndex))}");
        request.Headers.Add(AssertedIdentityHeader.Name, $"\"{_home.Names.ProvisioningUri}\"");
        request.Content = new ByteArrayContent(profile.Write());
        request.Content.Headers.ContentType = new(usage.MediaType);
        using HttpResponseMessage response = await http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new WalkException($"the profile was not taken: {(int)response.StatusCode}");
        }
    }
}
