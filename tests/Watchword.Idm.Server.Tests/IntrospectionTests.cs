using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Watchword.Authorization;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>Introspection (RFC 7662) by resource servers, alone and as the fallback where events do not come.</summary>
public sealed class IntrospectionTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private IdmHost _idm = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _idm = await IdmHost.StartAsync(time: _time);
        await _idm.AddAliceAsync();
        await _idm.AddClientAsync(new NewClient { ClientId = IdmHost.KmsAudience, Kind = ClientKinds.ResourceServer, Jwks = Entities.PublicJwks(_key) });
        await _idm.AddClientAsync(new NewClient { ClientId = IdmHost.CmsAudience, Kind = ClientKinds.ResourceServer, Jwks = Entities.PublicJwks(_key) });
    }

    public async ValueTask DisposeAsync()
    {
        await _idm.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task A_token_is_active_until_its_user_is_disabled_logged_off_or_removed()
    {
        using CodeFlow flow = new(_idm);
        string first = await KmsTokenAsync(flow);
        (await IsActiveAsync(first)).ShouldBeTrue();
        await _idm.WithAccountsAsync(accounts => accounts.LogOffAsync("alice"));
        (await IsActiveAsync(first)).ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        string second = await KmsTokenAsync(flow);
        (await IsActiveAsync(second)).ShouldBeTrue();
        await _idm.WithAccountsAsync(accounts => accounts.SetServiceIdsAsync("alice", new ServiceIds { McpttId = "sip:alice.ptt@mc.example.org" }));
        (await IsActiveAsync(second)).ShouldBeFalse("it carries identities that were taken away");
        _time.Advance(TimeSpan.FromSeconds(1));
        string third = await KmsTokenAsync(flow);
        await _idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        (await IsActiveAsync(third)).ShouldBeFalse();
        await _idm.WithAccountsAsync(accounts => accounts.EnableAsync("alice"));
        (await IsActiveAsync(third)).ShouldBeFalse();
        await _idm.WithAccountsAsync(accounts => accounts.RemoveAsync("alice"));
        (await IsActiveAsync(third)).ShouldBeFalse();
        (await IsActiveAsync("garbage")).ShouldBeFalse();
    }

    [Fact]
    public async Task Only_the_resource_server_that_a_token_names_may_ask_and_it_must_prove_itself()
    {
        using CodeFlow flow = new(_idm);
        string token = await KmsTokenAsync(flow);
        (await IsActiveAsync(token, IdmHost.CmsAudience)).ShouldBeFalse("it is not for that server");
        using ECDsa wrong = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await AskAsync(token, IdmHost.KmsAudience, wrong)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using HttpClient http = _idm.CreateClient();
        using FormUrlEncodedContent bare = new(new Dictionary<string, string> { ["token"] = token, ["client_id"] = IdmHost.KmsAudience });
        using HttpResponseMessage refused = await http.PostAsync("/connect/introspect", bare, Cancellation);
        refused.IsSuccessStatusCode.ShouldBeFalse();
        using FormUrlEncodedContent open = new(new Dictionary<string, string> { ["token"] = token, ["client_id"] = IdmHost.NativeClient });
        using HttpResponseMessage native = await http.PostAsync("/connect/introspect", open, Cancellation);
        native.IsSuccessStatusCode.ShouldBeFalse();
        TokenAnswer grant = await CodeFlow.TokenAsync(http, Entities.Request(Entities.Assert(_key, IdmHost.KmsAudience, _idm.Issuer, _time.GetUtcNow())));
        grant.Text("access_token").ShouldBeNull("a resource server gets no token");
    }

    [Fact]
    public async Task Where_no_events_come_introspection_decides_and_where_neither_does_the_policy()
    {
        await using Receiver receiver = await Receiver.ListenAsync(_time);
        string keyFile = Path.Combine(Path.GetDirectoryName(receiver.CaFile)!, "introspection.pem");
        await File.WriteAllTextAsync(keyFile, _key.ExportPkcs8PrivateKeyPem(), Cancellation);
        SigningKeyTests.Restrict(keyFile);
        await receiver.StartAsync(
            _idm,
            ("SecurityEvents:Introspection:Endpoint", _idm.Issuer + "/connect/introspect"),
            ("SecurityEvents:Introspection:KeyFile", keyFile),
            ("SecurityEvents:Introspection:CacheLifetime", "00:00:02"));
        using CodeFlow flow = new(_idm);
        string token = await KmsTokenAsync(flow);
        (await receiver.AskAsync(token)).ShouldBe(0);
        receiver.ConfirmedAt.ShouldBe(_time.GetUtcNow());
        await _idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        (await receiver.AskAsync(token)).ShouldBe(0, "an answer serves for two seconds");
        _time.Advance(TimeSpan.FromSeconds(3));
        (await receiver.AskAsync(token)).ShouldBe((int)AuthorizationFault.TokenEnded);

        await _idm.WithAccountsAsync(accounts => accounts.EnableAsync("alice"));
        _time.Advance(TimeSpan.FromSeconds(3));
        string other = await KmsTokenAsync(flow);
        await receiver.StartAsync(
            _idm,
            ("SecurityEvents:Introspection:Endpoint", "https://localhost:1/connect/introspect"),
            ("SecurityEvents:Introspection:KeyFile", keyFile));
        (await receiver.AskAsync(other)).ShouldBe((int)AuthorizationFault.IssuerSilent);
    }

    private static async Task<string> KmsTokenAsync(CodeFlow flow) =>
        (await flow.GetTokensAsync(scope: "openid 3gpp:mc:ptt_key_management_service")).AccessToken;

    private async Task<bool> IsActiveAsync(string token, string server = IdmHost.KmsAudience)
    {
        (HttpStatusCode status, JsonElement body) = await AskAsync(token, server, _key);
        status.ShouldBe(HttpStatusCode.OK);
        return body.GetProperty("active").GetBoolean();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(string token, string server, ECDsa key)
    {
        using HttpClient http = _idm.CreateClient();
        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["token"] = token,
            ["client_assertion_type"] = Entities.AssertionType,
            ["client_assertion"] = Entities.Assert(key, server, _idm.Issuer, _time.GetUtcNow()),
        });
        using HttpResponseMessage response = await http.PostAsync("/connect/introspect", form, Cancellation);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);
    }
}
