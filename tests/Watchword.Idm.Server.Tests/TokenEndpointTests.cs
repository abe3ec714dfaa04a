using System.Net;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class TokenEndpointTests(SharedHost shared)
{
    private const string Everything = "openid 3gpp:mc:ptt_key_management_service";
    private readonly IdmHost host = shared.Host;

    [Fact]
    public async Task A_wrong_verifier_redirect_uri_or_client_gets_nothing_for_a_code()
    {
        AccountView user = await shared.AddUserAsync();
        string other = await AddNativeClientAsync();
        using CodeFlow flow = new(host);

        (await flow.RedeemAsync(await flow.GetCodeAsync(user.UserName), verifier: new string('x', 43))).ShouldBeRefused("invalid_grant");
        (await flow.RedeemAsync(await flow.GetCodeAsync(user.UserName), redirectUri: "http://127.0.0.1:1/callback")).ShouldBeRefused("invalid_grant");
        (await flow.RedeemAsync(await flow.GetCodeAsync(user.UserName), clientId: other)).ShouldBeRefused("invalid_grant");
        (await flow.RedeemAsync("no-such-code")).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_code_without_a_verifier_is_refused()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer answer = await flow.TokenAsync(new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = await flow.GetCodeAsync(user.UserName),
            ["client_id"] = IdmHost.NativeClient,
            ["redirect_uri"] = CodeFlow.RedirectUri,
        });
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error.ShouldBeOneOf("invalid_request", "invalid_grant");
    }

    [Fact]
    public async Task A_code_that_is_used_twice_revokes_what_it_gave()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        string code = await flow.GetCodeAsync(user.UserName);
        TokenAnswer tokens = await flow.RedeemAsync(code);
        tokens.Status.ShouldBe(HttpStatusCode.OK);
        (await flow.RedeemAsync(code)).ShouldBeRefused("invalid_grant");
        (await flow.RefreshAsync(tokens.RefreshToken)).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_code_lives_for_a_minute()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        await own.AddAliceAsync();
        using CodeFlow flow = new(own);
        string code = await flow.GetCodeAsync();
        own.Time.Advance(TimeSpan.FromSeconds(61));
        (await flow.RedeemAsync(code)).ShouldBeRefused("invalid_grant");
    }

    [Theory]
    [InlineData("password")]
    [InlineData("urn:ietf:params:oauth:grant-type:device_code")]
    [InlineData("urn:ietf:params:oauth:grant-type:saml2-bearer")]
    [InlineData("implicit")]
    public async Task Other_grants_are_not_there(string grant)
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        TokenAnswer answer = await flow.TokenAsync(new()
        {
            ["grant_type"] = grant, ["username"] = user.UserName, ["password"] = IdmHost.Password, ["client_id"] = IdmHost.NativeClient,
            ["device_code"] = "x", ["subject_token"] = "x", ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
        });
        answer.ShouldBeRefused("unsupported_grant_type");
    }

    [Fact]
    public async Task A_user_without_a_service_is_not_granted_its_scopes()
    {
        string name = shared.NextName();
        await host.AddAccountAsync(name, mcptt: $"sip:{name}@mc.example.org");
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(name, CodeFlow.AllScopes + " offline_access unknown watchword:idm:admin");
        McScopes.Split(tokens.Scope).ShouldBe(
            ["openid", "offline_access", .. AnnexB.Resources.Select(resource => McScopes.For(McService.Mcptt, resource))], ignoreOrder: true);
        JsonElement payload = Jwt.Payload(tokens.AccessToken);
        payload.TryGetProperty("mcvideo_id", out _).ShouldBeFalse();
        payload.TryGetProperty("mcdata_id", out _).ShouldBeFalse();
        Jwt.Payload(tokens.IdToken).TryGetProperty("mcdata_id", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_is_granted_only_the_scopes_that_are_open_to_it_and_its_own_algorithm()
    {
        AccountView user = await shared.AddUserAsync();
        string client = await AddNativeClientAsync("RS256", "3gpp:mc:video_key_management_service");
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync(user.UserName, clientId: client);
        McScopes.Split(tokens.Scope).ShouldBe(["openid", "3gpp:mc:video_key_management_service"], ignoreOrder: true);
        Jwt.Audiences(tokens.AccessToken).ShouldBe([IdmHost.KmsAudience]);
        Jwt.Header(tokens.AccessToken).GetProperty("alg").GetString().ShouldBe("RS256");
        Jwt.Header(tokens.IdToken).GetProperty("alg").GetString().ShouldBe("RS256");
    }

    [Fact]
    public async Task The_scope_of_administration_is_for_administrators_and_names_this_server()
    {
        AccountView user = await shared.AddUserAsync();
        string admin = shared.NextName();
        await host.AddAccountAsync(admin, administrator: true);
        using CodeFlow flow = new(host);
        (await flow.GetTokensAsync(user.UserName, "openid watchword:idm:admin")).Scope.ShouldBe("openid");
        TokenAnswer tokens = await flow.GetTokensAsync(admin, "openid watchword:idm:admin");
        tokens.Scope.ShouldBe("openid watchword:idm:admin");
        Jwt.Audiences(tokens.AccessToken).ShouldBe([host.Issuer]);

        // That of the services is another right of the same people, and names another server.
        (await flow.GetTokensAsync(user.UserName, "openid watchword:services:admin")).Scope.ShouldBe("openid");
        TokenAnswer services = await flow.GetTokensAsync(admin, "openid watchword:services:admin");
        services.Scope.ShouldBe("openid watchword:services:admin");
        Jwt.Audiences(services.AccessToken).ShouldNotContain(host.Issuer);
    }

    [Fact]
    public async Task A_token_without_a_scope_of_a_resource_server_names_no_audience()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        Jwt.Audiences((await flow.GetTokensAsync(user.UserName, "openid 3gpp:mc:ptt_service")).AccessToken).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_scopes_of_release_13_and_a_missing_openid_are_taken_only_until_the_configured_day()
    {
        string until = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O");
        await using IdmHost own = await IdmHost.StartAsync(new()
        {
            ["Idm:Compatibility:AcceptMissingOpenIdUntil"] = until,
            ["Idm:Compatibility:AcceptRelease13ScopesUntil"] = until,
        });
        await own.AddAliceAsync();
        using CodeFlow flow = new(own);
        TokenAnswer tokens = await flow.GetTokensAsync(scope: "3gpp:mcptt:key_management_server 3gpp:mcptt:ptt_server");
        McScopes.Split(tokens.Scope).ShouldBe(["openid", "3gpp:mc:ptt_service", "3gpp:mc:ptt_key_management_service"], ignoreOrder: true);
        own.LogLines.Lines.ShouldContain(line => line.Contains("AcceptRelease13ScopesUntil", StringComparison.Ordinal));

        own.Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        using HttpResponseMessage late = await flow.AuthorizeAsync(flow.Request("3gpp:mcptt:key_management_server"));
        late.Headers.Location!.Query.ShouldContain("invalid_scope");
    }

    [Fact]
    public async Task A_nonce_is_echoed_in_the_id_token()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request(Everything);
        request["nonce"] = "n-0S6_WzA2Mj";
        using HttpResponseMessage response = await flow.LogInAsync(user.UserName, request: request);
        string code = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(response.Headers.Location!.Query)["code"]!;
        Jwt.Payload((await flow.RedeemAsync(code)).IdToken).GetProperty("nonce").GetString().ShouldBe("n-0S6_WzA2Mj");
    }

    private async Task<string> AddNativeClientAsync(string? algorithm = null, params string[] scopes)
    {
        ClientView client = await host.AddClientAsync(new NewClient
        {
            ClientId = "native-" + shared.NextName(),
            Kind = ClientKinds.Native,
            RedirectUris = ["http://127.0.0.1/callback"],
            Scopes = scopes.Length == 0 ? null : scopes,
            SigningAlgorithm = algorithm,
        });
        return client.ClientId;
    }
}

internal static class TokenAnswerAssertions
{
    public static void ShouldBeRefused(this TokenAnswer answer, string error, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        answer.Error.ShouldBe(error, answer.Body);
        answer.Status.ShouldBe(status);
        answer.NoStore.ShouldBeTrue();
        answer.Text("access_token").ShouldBeNull();
        answer.Text("error_uri").ShouldBeNull();
    }
}
