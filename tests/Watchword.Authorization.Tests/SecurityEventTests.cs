using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization.Tests.Hosting;
using Watchword.Identity;

namespace Watchword.Authorization.Tests;

/// <summary>Security events pushed to a real endpoint (RFC 8935), and what they do to tokens that are still good by themselves.</summary>
public sealed class SecurityEventTests : IAsyncLifetime
{
    private readonly TestIssuer _home = new("https://idms.mc.example.org");
    private readonly Settings _settings = new();
    private ResourceServer _server = null!;
    private TestStream _stream = null!;

    private string Token => _home.Token(TestClaims.User(_home));

    public async ValueTask InitializeAsync()
    {
        _settings.Trust(_home, ("SecurityEvents:Policy", "Refuse"), ("SecurityEvents:MaxSilence", "00:00:30"));
        _server = await ResourceServer.StartAsync(_settings.Values);
        _stream = new TestStream(_home, _server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _settings.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task Until_the_issuer_vouches_that_nothing_is_missing_its_tokens_open_nothing()
    {
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.IssuerSilent);
        (await _stream.HeartbeatAsync(1)).ShouldBeRefused(AuthorizationFault.EventStreamUnknown, "invalid_request", "restart");
        (await _stream.BeginAsync()).ShouldBeTaken("1000.1");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.IssuerSilent);
        (await _stream.HeartbeatAsync(1)).ShouldBeTaken("1000.1");
        await ShouldPassAsync();

        _server.Clock.Advance(TimeSpan.FromSeconds(30));
        await ShouldPassAsync();
        _server.Clock.Advance(TimeSpan.FromSeconds(1));
        using HttpResponseMessage refused = await _server.GetAsync(Token);
        await refused.ShouldBeAsync(AuthorizationFault.IssuerSilent);
        refused.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_disabled_subject_is_refused_at_once_and_its_old_tokens_stay_void_when_it_is_enabled()
    {
        await BeginAsync();
        _server.Clock.Advance(TimeSpan.FromSeconds(5));
        (await _stream.DisableAsync(2, "alice")).ShouldBeTaken("1000.2");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.SubjectDisabled);
        _server.Clock.Advance(TimeSpan.FromSeconds(5));
        JsonObject enabled = new() { ["urn:watchword:tokens_ended"] = TestClaims.Now.ToUnixTimeSeconds() + 5 };
        (await _stream.SendAsync(_stream.Claims(SecurityEventTypes.AccountEnabled, 3, enabled, subject: "alice"))).ShouldBeTaken("1000.3");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.TokenEnded);
        await _server.ShouldRefuseAsync(Fresh(5), AuthorizationFault.TokenEnded);
        await _server.ShouldRefuseAsync(_home.Token(TestClaims.User(_home).Without("iat")), AuthorizationFault.TokenEnded);
        await ShouldPassAsync(Fresh(6));
        await ShouldPassAsync(_home.Token(TestClaims.User(_home).With("sub", "bob")));
    }

    [Theory]
    [InlineData(SecurityEventTypes.AccountPurged, AuthorizationFault.SubjectDisabled)]
    [InlineData(SecurityEventTypes.SessionRevoked, AuthorizationFault.TokenEnded)]
    [InlineData(SecurityEventTypes.TokenClaimsChange, AuthorizationFault.None)]
    [InlineData("https://example.org/event-of-another-kind", AuthorizationFault.None)]
    public async Task Each_type_has_its_meaning_and_an_unknown_one_none(string type, AuthorizationFault fault)
    {
        await BeginAsync();
        (await _stream.SendAsync(_stream.Claims(type, 2, subject: "alice"))).ShouldBeTaken("1000.2");
        using HttpResponseMessage response = await _server.GetAsync(Token);
        ((int)response.StatusCode).ShouldBe(fault == AuthorizationFault.None ? 200 : 401);
    }

    [Fact]
    public async Task An_identity_that_was_taken_away_ends_the_tokens_that_carry_it()
    {
        await BeginAsync();
        JsonObject payload = new()
        {
            ["claims"] = new JsonObject { ["mcptt_id"] = "sip:new@mc.example.org" },
            ["urn:watchword:previous_claims"] = new JsonObject { ["mcptt_id"] = TestClaims.McpttId },
            ["urn:watchword:tokens_ended"] = TestClaims.Now.ToUnixTimeSeconds(),
        };
        (await _stream.SendAsync(_stream.Claims(SecurityEventTypes.TokenClaimsChange, 2, payload, subject: "alice"))).ShouldBeTaken("1000.2");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.TokenEnded);
    }

    [Fact]
    public async Task A_gap_is_refused_with_the_position_and_what_comes_twice_is_acknowledged_once()
    {
        await BeginAsync();
        (await _stream.DisableAsync(3, "alice")).ShouldBeRefused(AuthorizationFault.EventOutOfOrder, "invalid_request", "1000.1");
        (await _stream.HeartbeatAsync(3)).ShouldBeTaken("1000.1");
        await ShouldPassAsync();
        (await _stream.EnableAsync(2, "bob")).ShouldBeTaken("1000.2");
        (await _stream.DisableAsync(3, "alice")).ShouldBeTaken("1000.3");
        (await _stream.DisableAsync(3, "alice")).ShouldBeTaken("1000.3");
        (await _stream.EnableAsync(2, "alice")).ShouldBeTaken("1000.3");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.SubjectDisabled);
    }

    [Fact]
    public async Task A_heartbeat_ahead_of_what_came_does_not_keep_the_issuer_fresh()
    {
        await BeginAsync();
        _server.Clock.Advance(TimeSpan.FromSeconds(20));
        (await _stream.HeartbeatAsync(2)).ShouldBeTaken("1000.1");
        _server.Clock.Advance(TimeSpan.FromSeconds(11));
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.IssuerSilent);
    }

    [Fact]
    public async Task A_copy_of_a_heartbeat_vouches_for_no_later_time()
    {
        await _stream.BeginAsync();
        string heartbeat = _stream.Sign(_stream.Claims(SecurityEventTypes.Heartbeat, 1, new JsonObject { ["newest"] = "event-1000-1" }, jti: "h"));
        (await _stream.PostAsync(heartbeat)).ShouldBeTaken("1000.1");
        _server.Clock.Advance(TimeSpan.FromSeconds(31));
        (await _stream.PostAsync(heartbeat)).ShouldBeTaken("1000.1");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.IssuerSilent);
        _server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await _stream.PostAsync(heartbeat)).ShouldBeRefused(AuthorizationFault.EventTimeRefused, "invalid_request");
    }

    [Fact]
    public async Task A_heartbeat_signed_in_the_future_vouches_for_now()
    {
        await _stream.BeginAsync();
        JsonObject claims = _stream.Claims(SecurityEventTypes.Heartbeat, 1, new JsonObject { ["newest"] = "event-1000-1" }, jti: "h");
        (await _stream.SendAsync(claims.With("iat", TestClaims.Now.ToUnixTimeSeconds() + 30))).ShouldBeTaken("1000.1");
        _server.Clock.Advance(TimeSpan.FromSeconds(31));
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.IssuerSilent);
    }

    [Fact]
    public async Task An_issuer_that_counted_anew_must_begin_anew()
    {
        await BeginAsync();
        (await _stream.SendAsync(_stream.Claims(SecurityEventTypes.AccountDisabled, 1, jti: "other", subject: "bob")))
            .ShouldBeRefused(AuthorizationFault.EventStreamUnknown, "invalid_request", "restart");
        (await _stream.HeartbeatAsync(1, "other")).ShouldBeRefused(AuthorizationFault.EventStreamUnknown, "invalid_request", "restart");
        _stream.Epoch = 1001;
        (await _stream.DisableAsync(2, "bob")).ShouldBeRefused(AuthorizationFault.EventStreamUnknown, "invalid_request", "restart");
        (await _stream.BeginAsync()).ShouldBeTaken("1001.1");
        _stream.Epoch = 1000;
        (await _stream.BeginAsync()).ShouldBeRefused(AuthorizationFault.EventOutOfOrder, "invalid_request", "1001.1");
    }

    [Fact]
    public async Task A_snapshot_counts_page_by_page_and_enables_the_others_at_its_end()
    {
        await BeginAsync("alice", "carol");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.SubjectDisabled);
        _stream.Epoch = 2000;
        (await _stream.SendAsync(_stream.Claims(SecurityEventTypes.Snapshot, 1, TestStream.Snapshot(1, last: false, ["bob"])))).ShouldBeTaken("2000.1");
        await _server.ShouldRefuseAsync(Token, AuthorizationFault.SubjectDisabled);
        await _server.ShouldRefuseAsync(Of("bob"), AuthorizationFault.SubjectDisabled);
        (await _stream.DisableAsync(2, "dave")).ShouldBeRefused(AuthorizationFault.EventStreamUnknown, "invalid_request", "restart");
        (await _stream.SendAsync(_stream.Claims(SecurityEventTypes.Snapshot, 2, TestStream.Snapshot(2, last: true, removed: ["carol"])))).ShouldBeTaken("2000.2");
        await ShouldPassAsync();
        await _server.ShouldRefuseAsync(Of("bob"), AuthorizationFault.SubjectDisabled);
        await _server.ShouldRefuseAsync(Of("carol"), AuthorizationFault.SubjectDisabled);
        (await _stream.SendAsync(_stream.Claims(SecurityEventTypes.Snapshot, 3, TestStream.Snapshot(3, last: true))))
            .ShouldBeRefused(AuthorizationFault.EventStreamUnknown, "invalid_request", "restart");
    }

    [Fact]
    public async Task Policy_Allow_lets_tokens_of_a_silent_issuer_pass_but_no_disabled_subject()
    {
        using Settings settings = new();
        settings.Trust(_home, ("SecurityEvents:Policy", "Allow"));
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        (await server.GetAsync(Token)).IsSuccessStatusCode.ShouldBeTrue();
        server.Log.Entries.ShouldContain(entry => entry.Id.Id == 4905);
        await new TestStream(_home, server).BeginAsync("alice");
        await server.ShouldRefuseAsync(Token, AuthorizationFault.SubjectDisabled);
    }

    [Fact]
    public async Task Policy_Off_takes_no_events()
    {
        using Settings settings = new();
        settings.Trust(_home);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        (await new TestStream(_home, server).BeginAsync("alice")).ShouldBeRefused(AuthorizationFault.EventsNotExpected, "access_denied");
        (await server.GetAsync(Token)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_of_an_event_is_in_the_log()
    {
        await BeginAsync("alice");
        await _stream.SendAsync(_stream.Claims(SecurityEventTypes.AccountDisabled, 5, subject: "alice"));
        _server.Log.Entries.ShouldContain(entry => entry.Id.Id == 4902);
        _server.Log.Entries.ShouldAllBe(entry => !entry.Text.Contains("alice", StringComparison.Ordinal));
        _server.Services.GetRequiredService<ISecurityEventSink>().ShouldBeOfType<MemorySecurityEventSink>();
    }

    private string Fresh(int seconds) => _home.Token(TestClaims.User(_home).With("iat", TestClaims.Now.ToUnixTimeSeconds() + seconds));

    private string Of(string subject) => _home.Token(TestClaims.User(_home).With("sub", subject));

    private async Task BeginAsync(params string[] disabled)
    {
        (await _stream.BeginAsync(disabled)).ShouldBeTaken($"{_stream.Epoch}.1");
        (await _stream.HeartbeatAsync(1)).ShouldBeTaken($"{_stream.Epoch}.1");
    }

    private async Task ShouldPassAsync(string? token = null)
    {
        using HttpResponseMessage response = await _server.GetAsync(token ?? Token);
        ((int)response.StatusCode).ShouldBe(200);
    }
}
