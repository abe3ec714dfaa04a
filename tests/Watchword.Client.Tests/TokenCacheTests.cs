using System.Net;
using System.Text.Json.Nodes;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class TokenCacheTests : IDisposable
{
    private readonly TestProfile _profile = new();

    private TestIdm Idm => _profile.Idm;

    public void Dispose() => _profile.Dispose();

    [Fact]
    public async Task Each_resource_gets_a_token_of_its_own_scopes_only()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);

        AccessToken kms = await tokens.GetAccessTokenAsync(McResource.KeyManagement, default);
        AccessToken configuration = await tokens.GetAccessTokenAsync(McResource.ConfigurationManagement, default);

        kms.Scopes.ShouldBe([McScopes.For(McService.Mcptt, McResource.KeyManagement), McScopes.For(McService.McVideo, McResource.KeyManagement)], ignoreOrder: true);
        configuration.Scopes.ShouldNotContain(s => s.Contains("key_management", StringComparison.Ordinal));
        Idm.TokenRequests[^1]["scope"].ShouldBe(string.Join(' ', configuration.Scopes));
        Idm.TokenRequests[^1]["grant_type"].ShouldBe("refresh_token");
    }

    [Fact]
    public async Task One_service_of_one_resource_can_be_asked_for()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);

        AccessToken token = await tokens.GetAccessTokenAsync(AccessTokenTarget.For(McService.McVideo, McResource.KeyManagement), default);

        token.Scopes.ShouldBe([McScopes.For(McService.McVideo, McResource.KeyManagement)]);
    }

    [Fact]
    public async Task A_token_is_used_again_until_thirty_seconds_before_its_end()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        AccessToken first = await tokens.GetAccessTokenAsync(McResource.KeyManagement, default);

        _profile.Time.Advance(TimeSpan.FromSeconds(269));
        (await tokens.GetAccessTokenAsync(McResource.KeyManagement, default)).Reveal().ShouldBe(first.Reveal());
        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        (await tokens.GetAccessTokenAsync(McResource.KeyManagement, default)).Reveal().ShouldNotBe(first.Reveal());
    }

    [Fact]
    public async Task Rotated_refresh_tokens_and_access_tokens_survive_the_process()
    {
        string first;
        using (KeyStore store = await _profile.OpenAsync())
        {
            first = (await (await _profile.LogInToStoreAsync(store)).GetAccessTokenAsync(McResource.KeyManagement, default)).Reveal();
        }

        using KeyStore again = await _profile.OpenAsync();
        TokenCache tokens = new(_profile.IdmClient, again);
        (await tokens.GetAccessTokenAsync(McResource.KeyManagement, default)).Reveal().ShouldBe(first);
        AccessToken other = await tokens.GetAccessTokenAsync(McResource.GroupManagement, default);
        other.Scopes.Count.ShouldBe(2);
        again.Tokens!.RefreshToken.ShouldBe(Idm.CurrentRefreshToken);
    }

    [Fact]
    public async Task A_wider_token_than_asked_for_is_dropped_and_the_new_refresh_token_kept()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        Idm.TokenResponse = r => r["scope"] = string.Join(' ', McScopes.All);

        await ShouldFailAsync(ClientFault.ScopeTooWide, () => tokens.GetAccessTokenAsync(McResource.ConfigurationManagement, default));

        store.Tokens!.RefreshToken.ShouldBe(Idm.CurrentRefreshToken);
        store.FindAccessToken(AccessTokenTarget.For(McResource.ConfigurationManagement)).ShouldBeNull();
    }

    [Fact]
    public async Task A_scope_that_was_not_granted_is_not_asked_for()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        int requests = Idm.TokenRequests.Count;

        await ShouldFailAsync(ClientFault.ScopeNotGranted, () => tokens.GetAccessTokenAsync(AccessTokenTarget.For(McService.McData, McResource.Service), default));
        await ShouldFailAsync(ClientFault.ScopeNotGranted, () => tokens.GetAccessTokenAsync(AccessTokenTarget.IdmAdministration, default));

        Idm.TokenRequests.Count.ShouldBe(requests);
    }

    [Fact]
    public async Task A_revoked_session_says_log_in_again()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        Idm.Intercept = r => r.RequestUri!.AbsolutePath == "/connect/token"
            ? TestIdm.Json(new JsonObject { ["error"] = "invalid_grant" }, HttpStatusCode.BadRequest)
            : null;

        WatchwordClientException e = await ShouldFailAsync(ClientFault.RefreshRefused, () => tokens.GetAccessTokenAsync(McResource.KeyManagement, default));

        e.Detail.ShouldBe("invalid_grant");
        e.NextStep.ShouldBe("log in again");
        e.HttpStatus.ShouldBe(400);
    }

    [Fact]
    public async Task Another_subject_at_a_refresh_is_refused()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        Idm.IdTokenClaims = c => c["sub"] = "user-2";

        await ShouldFailAsync(ClientFault.IdTokenInvalid, () => tokens.GetAccessTokenAsync(McResource.KeyManagement, default));
    }

    [Fact]
    public async Task A_profile_stays_with_its_account()
    {
        using KeyStore store = await _profile.OpenAsync();
        _ = await _profile.LogInToStoreAsync(store);
        Idm.IdTokenClaims = c => c["sub"] = "user-2";

        await ShouldFailAsync(ClientFault.ProfileMismatch, () => _profile.LogInToStoreAsync(store));

        store.Identity!.Subject.ShouldBe("user-1");
    }

    [Fact]
    public async Task Logging_out_revokes_and_forgets_the_tokens_but_not_the_account()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);

        (await tokens.LogOutAsync()).ShouldBeTrue();

        store.IsLoggedIn.ShouldBeFalse();
        store.Identity.ShouldNotBeNull();
        Idm.Requests.ShouldContain("POST https://idm.test/connect/revoke");
        await ShouldFailAsync(ClientFault.NotLoggedIn, () => tokens.GetAccessTokenAsync(McResource.KeyManagement, default));
    }

    [Fact]
    public async Task Tokens_never_print_themselves()
    {
        TokenSet tokens = await _profile.LogInAsync();

        tokens.ToString().ShouldBe(nameof(TokenSet));
        new AccessToken("secret", new HashSet<string>(), default).ToString().ShouldBe(nameof(AccessToken));
    }
}
