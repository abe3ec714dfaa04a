using System.Net;
using System.Security.Cryptography;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

public sealed class TokenRefusalTests : IClassFixture<TokenRefusalTests.SharedHost>
{
    private readonly KmsHost _host;

    public TokenRefusalTests(SharedHost shared) => _host = shared.Host;

    [Theory]
    [InlineData("none at all", 403, KmsError.NoToken, null)]
    [InlineData("not a token", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("other audience", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("no audience", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("other issuer", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("no issuer", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("expired", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("no expiry", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("not yet valid", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("issued in the future", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("alg none", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("alg HS256 with the public key", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("unknown kid", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("signed by another key", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("forged claim", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("identity of another domain", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("no scope", 401, KmsError.InvalidToken, "invalid_token")]
    [InlineData("other scopes", 403, KmsError.InsufficientScope, "insufficient_scope")]
    [InlineData("scope without its identity", 403, KmsError.InsufficientScope, "insufficient_scope")]
    public async Task A_bad_token_gets_no_key(string kind, int status, KmsError error, string? bearerError)
    {
        int before = (await _host.AuditAsync()).Count(record => record.Entry.Kind == AuditKind.Intent);
        foreach (string path in new[] { "init", "keyprov", "keyprov/sip%3Aalice.ptt%40mc.test.example" })
        {
            using Answer answer = await _host.PostAsync("/keymanagement/identity/v1/" + path, Token(kind));
            ((int)answer.Status).ShouldBe(status);
            answer.Error.ShouldBe(error);
            answer.Document.Message.ShouldBeNull();
            answer.Document.Error!.ErrorMsg.ShouldContain(answer.Headers.GetValues("X-Correlation-Id").Single());
            (answer.WwwAuthenticate ?? string.Empty).ShouldContain("Bearer");
            (answer.WwwAuthenticate ?? string.Empty).Contains("error=",
            StringComparison.Ordinal).ShouldBe(bearerError is not null);
            (answer.WwwAuthenticate ?? string.Empty).ShouldContain(bearerError ?? string.Empty);
        }

        (await _host.AuditAsync()).Count(record => record.Entry.Kind == AuditKind.Intent).ShouldBe(before);
    }

    [Fact]
    public async Task An_asserted_identity_alone_is_no_authentication()
    {
        // Defect 1 of deployed servers: the header was believed from any TLS client.
        using Answer answer = await _host.PostAsync(
            "/keymanagement/identity/v1/keyprov", token: null, headers: (
                "X-3GPP-Asserted-Identity", "\"sip:alice.ptt@mc.test.example\""));
        answer.Status.ShouldBe(HttpStatusCode.Forbidden);
        answer.Error.ShouldBe(KmsError.NoToken);
    }

    [Fact]
    public async Task An_asserted_identity_beside_a_token_changes_nothing()
    {
        using Answer answer = await _host.PostAsync(
            "/keymanagement/identity/v1/keyprov",
            _host.Token(("mcvideo_id", null), ("mcdata_id", null)),
            headers: ("X-3GPP-Asserted-Identity", "\"sip:bob.ptt@mc.test.example\""));
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:alice.ptt@mc.test.example"]);
    }

    private string? Token(string kind)
    {
        DateTimeOffset now = _host.Time.GetUtcNow();
        Dictionary<string, object?> claims = TestIssuer.Claims(now);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return kind switch
        {
            "none at all" => null,
            "not a token" => "abc",
            "other audience" => _host.Token(("aud", "https://gms.test.example")),
            "no audience" => _host.Token(("aud", null)),
            "other issuer" => _host.Token(("iss", "https://idm.other.example")),
            "no issuer" => _host.Token(("iss", null)),
            "expired" => _host.Token(("exp", now.AddSeconds(-31).ToUnixTimeSeconds())),
            "no expiry" => _host.Token(("exp", null)),
            "not yet valid" => _host.Token(("nbf", now.AddSeconds(31).ToUnixTimeSeconds())),
            "issued in the future" => _host.Token(("iat", now.AddSeconds(31).ToUnixTimeSeconds())),
            "alg none" => _host.Issuer.Sign(claims, "none"),
            "alg HS256 with the public key" => _host.Issuer.Sign(claims, "HS256"),
            "unknown kid" => _host.Issuer.Sign(claims, keyId: "k2"),
            "signed by another key" => _host.Issuer.Sign(claims, otherKey: other),
            "forged claim" => Forged(claims),
            "identity of another domain" => _host.Token(("mcptt_id", "sip:alice@mc.other.example")),
            "no scope" => _host.Token(("scope", null)),
            "other scopes" => _host.Token(("scope", "openid 3gpp:mc:ptt_service 3gpp:mc:ptt_group_management_service")),
            "scope without its identity" => _host.Token(("scope", "3gpp:mc:data_key_management_service"), ("mcdata_id", null)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    /// <summary>The signature of one token on the claims of another.</summary>
    private string Forged(Dictionary<string, object?> claims)
    {
        string[] good = _host.Issuer.Sign(claims).Split('.');
        claims["mcptt_id"] = "sip:bob.ptt@mc.test.example";
        string[] bad = _host.Issuer.Sign(claims).Split('.');
        return $"{good[0]}.{bad[1]}.{good[2]}";
    }

    public sealed class SharedHost : IAsyncLifetime
    {
        internal KmsHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await KmsHost.StartAsync();

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
