using System.Net;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class RefreshTests(SharedHost shared)
{
    private readonly IdmHost host = shared.Host;

    [Fact]
    public async Task A_refresh_narrows_scope_and_audience_of_the_access_token_and_keeps_the_grant()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer full = await flow.GetTokensAsync(user.UserName);

        TokenAnswer narrow = await flow.RefreshAsync(full.RefreshToken, "3gpp:mc:data_key_management_service");
        narrow.Status.ShouldBe(HttpStatusCode.OK, narrow.Body);
        narrow.Scope.ShouldBe("3gpp:mc:data_key_management_service");
        JsonElement payload = Jwt.Payload(narrow.AccessToken);
        payload.GetProperty("scope").GetString().ShouldBe("3gpp:mc:data_key_management_service");
        payload.GetProperty("mcdata_id").GetString().ShouldBe(user.McdataId);
        Jwt.Audiences(narrow.AccessToken).ShouldBe([IdmHost.KmsAudience]);

        TokenAnswer other = await flow.RefreshAsync(narrow.RefreshToken, "openid 3gpp:mc:ptt_config_management_service");
        other.Scope.ShouldBe("openid 3gpp:mc:ptt_config_management_service");
        Jwt.Audiences(other.AccessToken).ShouldBe([IdmHost.CmsAudience]);

        TokenAnswer again = await flow.RefreshAsync(other.RefreshToken);
        McScopes.Split(again.Scope).ShouldBe(McScopes.Split(full.Scope), ignoreOrder: true);
        Jwt.Audiences(again.AccessToken).ShouldBe([IdmHost.KmsAudience, IdmHost.CmsAudience], ignoreOrder: true);
    }

    [Fact]
    public async Task A_refresh_cannot_widen_the_grant()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(user.UserName, "openid 3gpp:mc:ptt_service");
        (await flow.RefreshAsync(tokens.RefreshToken, "3gpp:mc:ptt_service 3gpp:mc:ptt_key_management_service")).ShouldBeRefused("invalid_scope");
        (await flow.RefreshAsync(tokens.RefreshToken, "watchword:idm:admin")).ShouldBeRefused("invalid_scope");
        (await flow.RefreshAsync(tokens.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK, "a refused request does not use the token up");
    }

    [Fact]
    public async Task Each_refresh_gives_a_new_token_and_the_use_of_an_old_one_revokes_the_family()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer first = await flow.GetTokensAsync(user.UserName);
        TokenAnswer second = await flow.RefreshAsync(first.RefreshToken);
        second.RefreshToken.ShouldNotBe(first.RefreshToken);
        TokenAnswer third = await flow.RefreshAsync(second.RefreshToken);
        third.Status.ShouldBe(HttpStatusCode.OK);

        (await flow.RefreshAsync(first.RefreshToken)).ShouldBeRefused("invalid_grant");
        (await flow.RefreshAsync(third.RefreshToken)).ShouldBeRefused("invalid_grant");

        TokenAnswer separate = await flow.GetTokensAsync(user.UserName);
        (await flow.RefreshAsync(separate.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK, "another log-in is another family");
    }

    [Fact]
    public async Task Of_two_refreshes_at_the_same_moment_at_most_one_succeeds_and_the_family_is_revoked()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(user.UserName);
        TokenAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => flow.RefreshAsync(tokens.RefreshToken)));
        TokenAnswer[] good = [.. answers.Where(answer => answer.Status == HttpStatusCode.OK)];
        good.Length.ShouldBeLessThanOrEqualTo(1);
        answers.Except(good).ShouldAllBe(answer => answer.Error == "invalid_grant");
        foreach (TokenAnswer answer in good)
        {
            (await flow.RefreshAsync(tokens.RefreshToken)).ShouldBeRefused("invalid_grant");
            (await flow.RefreshAsync(answer.RefreshToken)).ShouldBeRefused("invalid_grant");
        }
    }

    [Fact]
    public async Task A_disabled_account_gets_no_refresh_and_its_old_tokens_stay_dead_when_it_is_enabled_again()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(user.UserName);
        string code = await flow.GetCodeAsync(user.UserName);
        await host.WithAccountsAsync(accounts => accounts.DisableAsync(user.UserName));
        (await flow.RefreshAsync(tokens.RefreshToken)).ShouldBeRefused("invalid_grant");
        (await flow.RedeemAsync(code)).ShouldBeRefused("invalid_grant");

        await host.WithAccountsAsync(accounts => accounts.EnableAsync(user.UserName));
        (await flow.RefreshAsync(tokens.RefreshToken)).ShouldBeRefused("invalid_grant");
        (await flow.GetTokensAsync(user.UserName)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_changed_identity_is_in_the_next_token_and_a_lost_service_is_not()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(user.UserName);
        string fresh = $"sip:new.{user.UserName}@mc.example.org";
        await host.WithAccountsAsync(accounts => accounts.SetServiceIdsAsync(user.UserName, new ServiceIds { McpttId = fresh }));
        TokenAnswer next = await flow.RefreshAsync(tokens.RefreshToken);
        JsonElement payload = Jwt.Payload(next.AccessToken);
        payload.GetProperty("mcptt_id").GetString().ShouldBe(fresh);
        payload.TryGetProperty("mcvideo_id", out _).ShouldBeFalse();
        McScopes.Split(next.Scope).ShouldNotContain("3gpp:mc:video_key_management_service");
        (await flow.RefreshAsync(next.RefreshToken, "3gpp:mc:video_key_management_service")).ShouldBeRefused("invalid_scope");
    }

    [Fact]
    public async Task A_refresh_token_belongs_to_its_client_and_can_be_revoked()
    {
        AccountView user = await shared.AddUserAsync();
        ClientView other = await host.AddClientAsync(new NewClient
        {
            ClientId = "other-" + user.UserName, Kind = ClientKinds.Native, RedirectUris = ["http://127.0.0.1/callback"],
        });
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(user.UserName);
        (await flow.RefreshAsync(tokens.RefreshToken, clientId: other.ClientId)).ShouldBeRefused("invalid_grant");

        using FormUrlEncodedContent revocation = new(new Dictionary<string, string>
        {
            ["token"] = tokens.RefreshToken, ["client_id"] = IdmHost.NativeClient,
        });
        using HttpResponseMessage revoked = await flow.Http.PostAsync("/connect/revoke", revocation, TestContext.Current.CancellationToken);
        revoked.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await flow.RefreshAsync(tokens.RefreshToken)).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_refresh_token_expires_and_can_be_made_to_need_offline_access()
    {
        await using IdmHost own = await IdmHost.StartAsync(new() { ["Idm:Compatibility:RefreshTokenWithoutOfflineAccess"] = "false" });
        await own.AddAliceAsync();
        using CodeFlow flow = new(own);
        (await flow.GetTokensAsync()).Text("refresh_token").ShouldBeNull();
        TokenAnswer tokens = await flow.GetTokensAsync(scope: "openid offline_access 3gpp:mc:ptt_service");
        own.Time.Advance(TimeSpan.FromDays(13));
        TokenAnswer next = await flow.RefreshAsync(tokens.RefreshToken);
        next.Status.ShouldBe(HttpStatusCode.OK);
        own.Time.Advance(TimeSpan.FromDays(14) + TimeSpan.FromSeconds(1));
        (await flow.RefreshAsync(next.RefreshToken)).ShouldBeRefused("invalid_grant");
    }
}
