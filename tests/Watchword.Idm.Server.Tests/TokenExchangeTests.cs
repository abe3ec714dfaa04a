using System.Net;
using System.Text.Json;
using Watchword.Authorization;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>Token exchange at the primary IdM server (TS 33.180 B.7.2, B.7.3, B.8).</summary>
public sealed class TokenExchangeTests : IAsyncLifetime
{
    private TwoDomains domains = null!;

    public async ValueTask InitializeAsync() => domains = await TwoDomains.StartAsync();

    public ValueTask DisposeAsync() => domains.DisposeAsync();

    [Theory]
    [InlineData(InterDomainNames.JwtTokenType)]
    [InlineData(InterDomainNames.AccessTokenType)]
    public async Task An_access_token_becomes_a_security_token_for_one_partner(string type)
    {
        TokenAnswer answer = await domains.ExchangeAsync(
            await domains.AccessTokenAsync(), form => form["subject_token_type"] = type);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Text("issued_token_type").ShouldBe(InterDomainNames.JwtTokenType);
        answer.Text("token_type").ShouldBe("Bearer");
        answer.ExpiresIn.ShouldBe(600);
        answer.NoStore.ShouldBeTrue();
        answer.Pragma.ShouldBe("no-cache");
        answer.Text("refresh_token").ShouldBeNull();
        answer.Text("id_token").ShouldBeNull();

        JsonElement payload = Jwt.Payload(answer.AccessToken);
        long now = domains.Time.GetUtcNow().ToUnixTimeSeconds();
        // mcvideo is not configured for this partner, and there is no scope.
        payload.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).ShouldBe(
            ["aud", "exp", "iat", "iss", "jti", "mcdata_id", "mcptt_id", "sub"]);
        payload.GetProperty("iss").GetString().ShouldBe(domains.Primary.Issuer);
        payload.GetProperty("iat").GetInt64().ShouldBe(now);
        payload.GetProperty("exp").GetInt64().ShouldBe(now + 600);
        payload.GetProperty("mcptt_id").GetString().ShouldBe("sip:alice.ptt@mc.example.org");
        Jwt.Audiences(answer.AccessToken).ShouldBe([IdmHost.NativeClient, TwoDomains.Partner]);
        Jwt.Header(answer.AccessToken).GetProperty("alg").GetString().ShouldBe("ES256");
        Jwt.Header(answer.AccessToken).GetProperty("typ").GetString().ShouldBe("JWT");
    }

    [Fact]
    public async Task Each_partner_has_its_own_services_and_algorithm()
    {
        TokenAnswer answer = await domains.ExchangeAsync(
            await domains.AccessTokenAsync(), form => form["resource"] = TwoDomains.OtherPartner);
        JsonElement payload = Jwt.Payload(answer.AccessToken);
        payload.TryGetProperty("mcptt_id", out _).ShouldBeFalse();
        payload.GetProperty("mcvideo_id").GetString().ShouldBe("sip:alice.video@mc.example.org");
        Jwt.Header(answer.AccessToken).GetProperty("alg").GetString().ShouldBe("RS256");
    }

    [Fact]
    public async Task A_token_that_was_narrowed_to_one_service_asserts_no_other()
    {
        string narrow = await domains.AccessTokenAsync("openid 3gpp:mc:data_service");
        JsonElement payload = Jwt.Payload((await domains.ExchangeAsync(narrow)).AccessToken);
        payload.TryGetProperty("mcptt_id", out _).ShouldBeFalse();
        payload.GetProperty("mcdata_id").GetString().ShouldBe("sip:alice.data@mc.example.org");
        (await domains.ExchangeAsync(narrow, form => form["resource"] = TwoDomains.OtherPartner)).ShouldBeRefused("invalid_request");
    }

    [Fact]
    public async Task A_security_token_does_not_outlive_the_access_token_that_it_was_made_of()
    {
        string token = await domains.AccessTokenAsync();
        domains.Time.Advance(TimeSpan.FromMinutes(28));
        TokenAnswer answer = await domains.ExchangeAsync(token);
        answer.ExpiresIn.ShouldBe(120);
        Jwt.Payload(answer.AccessToken).GetProperty("exp").GetInt64().ShouldBe(Jwt.Payload(token).GetProperty("exp").GetInt64());
    }

    [Theory]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:id_token", "invalid_request")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request")]
    [InlineData("subject_token_type", null, "invalid_request")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:access_token", "invalid_request")]
    [InlineData("resource", "https://idm.stranger.example", "invalid_target")]
    [InlineData("resource", "https://idm.partner.example/", "invalid_target")]
    [InlineData("resource", null, "invalid_request")]
    [InlineData("subject_token", "garbage", "invalid_request")]
    [InlineData("subject_token", null, "invalid_request")]
    [InlineData("client_id", "nobody", "invalid_client")]
    [InlineData("client_id", null, "invalid_client")]
    public async Task A_request_with_a_fault_is_refused(string parameter, string? value, string error)
    {
        TokenAnswer answer = await domains.ExchangeAsync(await domains.AccessTokenAsync(), form =>
        {
            form.Remove(parameter);
            if (value is not null)
            {
                form[parameter] = value;
            }
        });
        answer.Error.ShouldBe(error, answer.Body);
        answer.Text("access_token").ShouldBeNull();
    }

    [Fact]
    public async Task A_resource_with_another_grant_is_refused_not_ignored()
    {
        using CodeFlow flow = new(domains.Primary);
        TokenAnswer tokens = await flow.GetTokensAsync();
        (await flow.TokenAsync(new()
        {
            ["grant_type"] = "refresh_token", ["refresh_token"] = tokens.RefreshToken, ["client_id"] = IdmHost.NativeClient,
            ["resource"] = TwoDomains.Partner,
        })).ShouldBeRefused("invalid_target");
    }

    [Fact]
    public async Task Tokens_that_are_no_access_token_of_this_server_are_refused()
    {
        using CodeFlow flow = new(domains.Primary);
        TokenAnswer tokens = await flow.GetTokensAsync();
        string security = (await domains.ExchangeAsync(tokens.AccessToken)).AccessToken;
        TokenAnswer foreign = await domains.RedeemAsync(security);
        foreign.Error.ShouldBeNull(foreign.Body);
        string[] forged = tokens.AccessToken.Split('.');
        foreach (string token in (string[])[tokens.IdToken, tokens.RefreshToken, security, foreign.AccessToken, $"{forged[0]}.{forged[1]}.AAAA", $"{forged[0]}.{forged[1]}."])
        {
            (await domains.ExchangeAsync(token)).ShouldBeRefused("invalid_request");
        }
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        string token = await domains.AccessTokenAsync();
        domains.Time.Advance(TimeSpan.FromMinutes(30));
        (await domains.ExchangeAsync(token)).ShouldBeRefused("invalid_request");
    }

    [Fact]
    public async Task Another_client_than_that_of_the_token_is_refused()
    {
        await domains.Primary.AddClientAsync(new NewClient
        {
            ClientId = "other-app", Kind = ClientKinds.Native, RedirectUris = [CodeFlow.RedirectUri],
        });
        (await domains.ExchangeAsync(await domains.AccessTokenAsync(), form => form["client_id"] = "other-app")).ShouldBeRefused("invalid_request");
    }

    [Fact]
    public async Task A_disabled_a_removed_and_a_logged_off_user_gets_no_security_token()
    {
        string first = await domains.AccessTokenAsync();
        await domains.Primary.WithAccountsAsync(accounts => accounts.LogOffAsync("alice"));
        (await domains.ExchangeAsync(first)).ShouldBeRefused("invalid_request");
        domains.Time.Advance(TimeSpan.FromSeconds(1));
        string second = await domains.AccessTokenAsync();
        await domains.Primary.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        (await domains.ExchangeAsync(second)).ShouldBeRefused("invalid_request");
        await domains.Primary.WithAccountsAsync(accounts => accounts.EnableAsync("alice"));
        (await domains.ExchangeAsync(second)).ShouldBeRefused("invalid_request");
        domains.Time.Advance(TimeSpan.FromSeconds(1));
        string third = await domains.AccessTokenAsync();
        (await domains.ExchangeAsync(third)).Error.ShouldBeNull();
        await domains.Primary.WithAccountsAsync(accounts => accounts.RemoveAsync("alice"));
        (await domains.ExchangeAsync(third)).ShouldBeRefused("invalid_request");
    }

    [Fact]
    public async Task A_token_of_a_revoked_family_is_refused()
    {
        using CodeFlow flow = new(domains.Primary);
        TokenAnswer tokens = await flow.GetTokensAsync();
        TokenAnswer renewed = await flow.RefreshAsync(tokens.RefreshToken);
        renewed.Error.ShouldBeNull();
        (await domains.ExchangeAsync(renewed.AccessToken)).Error.ShouldBeNull();
        (await flow.RefreshAsync(tokens.RefreshToken)).ShouldBeRefused("invalid_grant");
        (await domains.ExchangeAsync(renewed.AccessToken)).ShouldBeRefused("invalid_request");
    }

    [Fact]
    public async Task Only_the_current_identities_of_the_user_are_asserted()
    {
        await domains.Primary.AddAccountAsync("carol", mcptt: "sip:carol@mc.example.org");
        using CodeFlow flow = new(domains.Primary);
        TokenAnswer tokens = await flow.GetTokensAsync("carol");
        (await domains.ExchangeAsync(tokens.AccessToken, form => form["resource"] = TwoDomains.OtherPartner)).ShouldBeRefused("invalid_request");
        JsonElement payload = Jwt.Payload((await domains.ExchangeAsync(tokens.AccessToken)).AccessToken);
        payload.TryGetProperty("mcdata_id", out _).ShouldBeFalse();
        payload.GetProperty("mcptt_id").GetString().ShouldBe("sip:carol@mc.example.org");
    }

    /// <summary>Even where a resource server is named as the partner is, or as the client.</summary>
    [Theory]
    [InlineData(IdmHost.KmsAudience, false, AuthorizationFault.AudienceNotThisServer)]
    [InlineData(TwoDomains.Partner, false, AuthorizationFault.ScopeMissing)]
    [InlineData(IdmHost.NativeClient, true, AuthorizationFault.ScopeMissing)]
    public async Task A_security_token_is_no_access_token_anywhere(string audience, bool acceptMissingAudience, AuthorizationFault fault)
    {
        string security = await domains.SecurityTokenAsync();
        using ResourceServer server = await ResourceServer.StartAsync(domains.Primary, audience, acceptMissingAudience);
        (await server.ValidateAsync(security)).ShouldBe(fault);
        using CodeFlow flow = new(domains.Primary);
        using HttpRequestMessage admin = new(HttpMethod.Get, AdministrationPaths.Accounts);
        admin.Headers.Authorization = new("Bearer", security);
        (await flow.Http.SendAsync(admin, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_log_holds_neither_tokens_nor_identities()
    {
        string access = await domains.AccessTokenAsync();
        string security = (await domains.ExchangeAsync(access)).AccessToken;
        string foreign = (await domains.RedeemAsync(security)).AccessToken;
        IEnumerable<string> lines = [.. domains.Primary.LogLines.Lines, .. domains.PartnerHost.LogLines.Lines];
        lines.ShouldContain(line => line.Contains(" 3205 "));
        lines.ShouldNotContain(line => line.Contains(access) || line.Contains(security) || line.Contains(foreign) || line.Contains("alice.ptt"));
    }
}
