using System.Net;
using System.Text.Json.Nodes;
using Watchword.Authorization.Tests.Hosting;
using Watchword.Identity;

namespace Watchword.Authorization.Tests;

public sealed class ScopeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestIssuer _home = shared.Home;

    [Theory]
    [InlineData("openid")]
    [InlineData("")]
    [InlineData("3gpp:mc:ptt_service 3gpp:mc:ptt_group_management_service")]
    [InlineData("3GPP:MC:PTT_KEY_MANAGEMENT_SERVICE")]
    [InlineData("3gpp:mc:ptt_key_management_service_x")]
    [InlineData("3gpp:mcptt:key_management_server")]
    public async Task A_token_without_key_management_scope_opens_no_keys(string scope)
    {
        using HttpResponseMessage response = await shared.Server.GetAsync(_home.Token(TestClaims.User(_home).With("scope", scope)));

        await response.ShouldBeAsync(AuthorizationFault.InsufficientScope);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        response.Challenge().ShouldBe(
            "Bearer error=\"insufficient_scope\", error_description=\"no scope of the token opens this resource\", "
            + "scope=\"3gpp:mc:ptt_key_management_service 3gpp:mc:video_key_management_service 3gpp:mc:data_key_management_service\"");
    }

    [Fact]
    public async Task The_challenge_names_the_scopes_of_the_services_that_the_user_has()
    {
        JsonObject claims = TestClaims.User(_home).Without("mcptt_id", "mcdata_id").With("scope", "openid");

        using HttpResponseMessage response = await shared.Server.GetAsync(_home.Token(claims), McResource.GroupManagement);

        response.Challenge().ShouldEndWith(", scope=\"3gpp:mc:video_group_management_service\"");
    }

    [Fact]
    public async Task A_scope_without_the_identity_of_its_service_opens_nothing()
    {
        JsonObject claims = TestClaims.User(_home).With("scope", "3gpp:mc:ptt_key_management_service").Without("mcptt_id");

        using HttpResponseMessage response = await shared.Server.GetAsync(_home.Token(claims));

        await response.ShouldBeAsync(AuthorizationFault.IdentityMissing);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_entity_needs_a_scope_too()
    {
        using HttpResponseMessage response = await shared.Server.GetAsync(
            _home.Token(TestClaims.EntityOf(_home).With("scope", "3gpp:mc:ptt_service")));

        await response.ShouldBeAsync(AuthorizationFault.InsufficientScope);
    }

    [Fact]
    public async Task A_token_without_any_identity_opens_nothing()
    {
        JsonObject claims = TestClaims.User(_home).Without("mcptt_id", "mcvideo_id", "mcdata_id");

        using HttpResponseMessage response = await shared.Server.GetAsync(_home.Token(claims));

        await response.ShouldBeAsync(AuthorizationFault.IdentityMissing);
    }

    [Fact]
    public async Task An_array_of_scopes_is_tolerated()
    {
        JsonObject claims = TestClaims.User(_home).With("scope", new JsonArray("openid", "3gpp:mc:data_key_management_service"));

        (await shared.Server.GetAsync(_home.Token(claims))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[[\"openid\"]]")]
    public async Task A_scope_of_another_JSON_type_is_refused(string scope)
    {
        string claims = TestClaims.User(_home).Without("scope").Plus($"\"scope\":{scope}");

        await shared.Server.ShouldRefuseAsync(
            _home.SignEc(_home.EcHeader().ToJsonString(), claims), AuthorizationFault.ScopeMalformed);
    }

    [Fact]
    public async Task A_missing_scope_is_refused() =>
        await shared.Server.ShouldRefuseAsync(_home.Token(TestClaims.User(_home).Without("scope")), AuthorizationFault.ScopeMissing);

    [Fact]
    public void The_principal_gives_services_in_order_with_scope_and_identity()
    {
        AccessTokenPrincipal principal = new(
            "https://idms.mc.example.org",
            "alice",
            null,
            McScopes.Split("3gpp:mc:data_key_management_service 3gpp:mc:ptt_key_management_service 3gpp:mc:video_service"),
            new Dictionary<McService, string>
            {
                [McService.McData] = TestClaims.McDataId, [McService.Mcptt] = TestClaims.McpttId, [McService.McVideo] = TestClaims.McVideoId,
            },
            null,
            TestClaims.Now,
            TestClaims.Now);

        principal.ServicesFor(McResource.KeyManagement).ShouldBe([McService.Mcptt, McService.McData]);
        principal.ServicesFor(McResource.Service).ShouldBe([McService.McVideo]);
        principal.ServicesFor(McResource.GroupManagement).ShouldBeEmpty();
        principal.ToString().ShouldBe(nameof(AccessTokenPrincipal));
        AccessTokenPrincipal.From(new(new AccessTokenIdentity(principal).Clone())).ShouldBeSameAs(principal);
        AccessTokenPrincipal.From(new()).ShouldBeNull();
        AccessTokenPrincipal.From(null).ShouldBeNull();
    }
}
