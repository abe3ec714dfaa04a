using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Authorization.Tests.Hosting;
using Watchword.Identity;

namespace Watchword.Authorization.Tests;

/// <summary>Deliveries that are not what they claim to be; none of them changes anything.</summary>
public sealed class ForgedEventTests : IAsyncLifetime
{
    private readonly TestIssuer _home = new("https://idms.mc.example.org", publishesRsa: true);
    private readonly TestIssuer _partner = new("https://idms.partner.example.net");
    private readonly Settings _settings = new();
    private ResourceServer _server = null!;
    private TestStream _stream = null!;

    public async ValueTask InitializeAsync()
    {
        _settings
            .Trust(_home, ("SecurityEvents:Policy", "Refuse"), ("Algorithms:0", "ES256"))
            .Trust(_partner, ("SecurityEvents:Policy", "Refuse"), ("IdentityDomains:0", "partner.example.net"));
        _server = await ResourceServer.StartAsync(_settings.Values);
        _stream = new TestStream(_home, _server);
        await _stream.BeginAsync();
        await _stream.HeartbeatAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        (await _server.GetAsync(_home.Token(TestClaims.User(_home)))).IsSuccessStatusCode.ShouldBeTrue("no forgery changed anything");
        (await _stream.EnableAsync(2, "alice")).ShouldBeTaken("1000.2");
        await _server.DisposeAsync();
        _settings.Dispose();
        _home.Dispose();
        _partner.Dispose();
    }

    [Fact]
    public async Task The_signature_is_checked()
    {
        JsonObject claims = Disabled();
        string[] parts = _stream.Sign(claims).Split('.');
        string[] other = _stream.Sign(Disabled().With("jti", "x")).Split('.');
        await RefusedAsync($"{parts[0]}.{other[1]}.{parts[2]}", AuthorizationFault.SignatureInvalid, "authentication_failed");
        await RefusedAsync($"{parts[0]}.{parts[1]}.", AuthorizationFault.SignatureInvalid, "authentication_failed");
        JsonObject none = _stream.Header().With("alg", "none");
        await RefusedAsync(TestIssuer.Join(none.ToJsonString(), claims.ToJsonString(), _ => []), AuthorizationFault.AlgorithmNotAllowed, "invalid_key");
        JsonObject hmac = _stream.Header().With("alg", "HS256");
        byte[] publicKey = Encoding.UTF8.GetBytes(_home.EcJwk().ToJsonString());
        await RefusedAsync(TestIssuer.SignHmac(hmac.ToJsonString(), claims.ToJsonString(), publicKey), AuthorizationFault.AlgorithmNotAllowed, "invalid_key");
        JsonObject rsa = _stream.Header().With("alg", "RS256").With("kid", _home.RsaKeyId);
        await RefusedAsync(_home.SignRsa(rsa.ToJsonString(), claims.ToJsonString()), AuthorizationFault.AlgorithmNotAllowed, "invalid_key");
        JsonObject stranger = _stream.Header().With("kid", "stranger");
        await RefusedAsync(_home.SignEc(stranger.ToJsonString(), claims.ToJsonString()), AuthorizationFault.KeyUnknown, "invalid_key");
    }

    [Fact]
    public async Task A_forged_heartbeat_is_refused()
    {
        using TestIssuer imposter = new(_home.Name);
        JsonObject heartbeat = _stream.Claims(SecurityEventTypes.Heartbeat, 1, new JsonObject { ["newest"] = "event-1000-1" }, jti: "h");
        await RefusedAsync(imposter.SignEc(_stream.Header().ToJsonString(), heartbeat.ToJsonString()), AuthorizationFault.SignatureInvalid, "authentication_failed");
        string unsigned = TestIssuer.Join(_stream.Header().ToJsonString(), heartbeat.ToJsonString(), _ => RandomNumberGenerator.GetBytes(64));
        await RefusedAsync(unsigned, AuthorizationFault.SignatureInvalid, "authentication_failed");
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("at+jwt")]
    [InlineData(null)]
    public async Task Another_type_or_none_is_no_security_event(string? type)
    {
        JsonObject header = _stream.Header().Without("typ");
        string token = _home.SignEc((type is null ? header : header.With("typ", type)).ToJsonString(), Disabled().ToJsonString());
        await RefusedAsync(token, AuthorizationFault.TypeNotSecurityEvent, "invalid_request");
    }

    [Fact]
    public async Task An_access_token_is_no_security_event_and_a_security_event_no_access_token()
    {
        JsonObject both = TestClaims.User(_home);
        foreach ((string name, JsonNode? value) in Disabled().ToArray())
        {
            both[name] = value?.DeepClone();
        }

        await RefusedAsync(_home.Token(both), AuthorizationFault.TypeNotSecurityEvent, "invalid_request");
        await _server.ShouldRefuseAsync(_stream.Sign(both), AuthorizationFault.TypeNotAccessToken);
    }

    [Fact]
    public async Task An_issuer_speaks_for_itself_and_to_this_server()
    {
        await RefusedAsync(_stream.Sign(Disabled().With("iss", "https://evil.example.net")), AuthorizationFault.IssuerNotTrusted, "invalid_issuer");
        await RefusedAsync(_stream.Sign(Disabled().Without("iss")), AuthorizationFault.IssuerMissing, "invalid_issuer");
        await RefusedAsync(_stream.Sign(Disabled().With("iss", _partner.Name)), AuthorizationFault.KeyUnknown, "invalid_key");
        await RefusedAsync(_stream.Sign(Disabled().With("aud", "https://other.example.org")), AuthorizationFault.AudienceNotThisServer, "invalid_audience");
        await RefusedAsync(_stream.Sign(Disabled().With("aud", 1)), AuthorizationFault.AudienceMalformed, "invalid_audience");
        await RefusedAsync(_stream.Sign(Disabled().Without("aud")), AuthorizationFault.AudienceMissing, "invalid_audience");
        JsonObject foreign = new() { ["format"] = "iss_sub", ["iss"] = _partner.Name, ["sub"] = "alice" };
        await RefusedAsync(_stream.Sign(Disabled().With("sub_id", foreign)), AuthorizationFault.EventMalformed, "invalid_request");
    }

    [Fact]
    public async Task A_partner_disables_none_of_our_subjects()
    {
        TestStream partner = new(_partner, _server);
        (await partner.BeginAsync("alice")).ShouldBeTaken("1000.1");
        (await partner.DisableAsync(2, "alice")).ShouldBeTaken("1000.2");
    }

    [Theory]
    [InlineData("iat", -121, AuthorizationFault.EventTimeRefused)]
    [InlineData("iat", 31, AuthorizationFault.EventTimeRefused)]
    public async Task A_time_out_of_bounds_is_refused(string name, int seconds, AuthorizationFault fault) =>
        await RefusedAsync(_stream.Sign(Disabled().With(name, TestClaims.Now.ToUnixTimeSeconds() + seconds)), fault, "invalid_request");

    [Theory]
    [InlineData("iat", "\"1760000000\"", AuthorizationFault.TimeNotANumber)]
    [InlineData("iat", null, AuthorizationFault.EventMalformed)]
    [InlineData("toe", "-1", AuthorizationFault.TimeNotANumber)]
    [InlineData("jti", null, AuthorizationFault.EventMalformed)]
    [InlineData("jti", "\"\"", AuthorizationFault.EventMalformed)]
    [InlineData("jti", "1", AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:epoch", null, AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:epoch", "0", AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:epoch", "99999999999999999999", AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:seq", null, AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:seq", "0", AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:seq", "2.5", AuthorizationFault.EventMalformed)]
    [InlineData("urn:watchword:seq", "\"2\"", AuthorizationFault.EventMalformed)]
    [InlineData("sub_id", null, AuthorizationFault.EventMalformed)]
    [InlineData("sub_id", "\"alice\"", AuthorizationFault.EventMalformed)]
    [InlineData("sub_id", """{"format":"opaque","id":"alice"}""", AuthorizationFault.EventMalformed)]
    [InlineData("sub_id", """{"format":"iss_sub","iss":"https://idms.mc.example.org","sub":"a\u0000"}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", null, AuthorizationFault.EventMalformed)]
    [InlineData("events", "{}", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"a":{},"b":{}}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"a":1}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"urn:watchword:event:heartbeat":{"newest":1}}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"urn:watchword:event:snapshot":{}}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"urn:watchword:event:snapshot":{"page":1,"last":true,"disabled":[],"removed":[],"urn:watchword:tokens_ended":{}}}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"https://schemas.openid.net/secevent/risc/event-type/account-disabled":{"mcptt_id":"alice"}}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"https://schemas.openid.net/secevent/risc/event-type/account-disabled":{"urn:watchword:tokens_ended":"1"}}""", AuthorizationFault.EventMalformed)]
    [InlineData("events", """{"https://schemas.openid.net/secevent/caep/event-type/token-claims-change":{"claims":[]}}""", AuthorizationFault.EventMalformed)]
    public async Task A_malformed_claim_is_refused(string name, string? json, AuthorizationFault fault)
    {
        JsonObject claims = json is null ? Disabled().Without(name) : Disabled().With(name, JsonNode.Parse(json));
        await RefusedAsync(_stream.Sign(claims), fault, "invalid_request");
    }

    [Fact]
    public async Task A_repeated_member_is_refused()
    {
        string token = _home.SignEc(_stream.Header().ToJsonString(), Disabled().Plus("\"urn:watchword:seq\":3"));
        await RefusedAsync(token, AuthorizationFault.MemberRepeated, "invalid_request");
    }

    [Fact]
    public async Task The_delivery_itself_is_bounded_and_typed()
    {
        (await _stream.PostAsync(_stream.Sign(Disabled()), "application/jwt")).ShouldBeRefused(AuthorizationFault.EventDeliveryMalformed, "invalid_request");
        await RefusedAsync(new string('a', 16385), AuthorizationFault.EventDeliveryMalformed, "invalid_request");
        await RefusedAsync(new string('a', 16384), AuthorizationFault.NotThreeSegments, "invalid_request");
        await RefusedAsync("", AuthorizationFault.NotThreeSegments, "invalid_request");
        await RefusedAsync("é.é.é", AuthorizationFault.SegmentNotBase64Url, "invalid_request");
    }

    private JsonObject Disabled() => _stream.Claims(SecurityEventTypes.AccountDisabled, 2, subject: "alice");

    private async Task RefusedAsync(string token, AuthorizationFault fault, string error) =>
        (await _stream.PostAsync(token)).ShouldBeRefused(fault, error);
}
