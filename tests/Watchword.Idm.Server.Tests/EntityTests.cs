using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class EntityTests(SharedHost shared)
{
    private readonly IdmHost host = shared.Host;

    [Theory]
    [InlineData(null, false)]
    [InlineData("JWT", true)]
    [InlineData("client-authentication+jwt", false)]
    public async Task An_entity_with_a_key_gets_a_token_for_its_uri_and_no_identity_of_a_user(string? type, bool tokenEndpointAsAudience)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        using HttpClient http = host.CreateClient();
        string audience = host.Issuer + (tokenEndpointAsAudience ? "/connect/token" : string.Empty);
        TokenAnswer answer = await CodeFlow.TokenAsync(
            http, Entities.Request(Entities.Assert(key, name, audience, host.Time.GetUtcNow(), type: type)));
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Scope.ShouldBe(Entities.KeyScope);
        answer.Text("refresh_token").ShouldBeNull();
        answer.Text("id_token").ShouldBeNull();
        JsonElement payload = Jwt.Payload(answer.AccessToken);
        payload.GetProperty("mcx_entity_uri").GetString().ShouldBe(Entities.UriOf(name));
        payload.GetProperty("client_id").GetString().ShouldBe(name);
        payload.GetProperty("sub").GetString().ShouldBe(name);
        payload.GetProperty("scope").GetString().ShouldBe(Entities.KeyScope);
        Jwt.Audiences(answer.AccessToken).ShouldBe([IdmHost.KmsAudience]);
        foreach (string claim in (string[])["mcptt_id", "mcvideo_id", "mcdata_id"])
        {
            payload.TryGetProperty(claim, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task An_entity_that_asks_for_no_scope_gets_those_open_to_it_and_never_others()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        using HttpClient http = host.CreateClient();
        (await AskAsync(http, key, name, scope: null)).Scope.ShouldBe(Entities.KeyScope);
        (await AskAsync(http, key, name, Entities.KeyScope + " 3gpp:mc:data_key_management_service")).Scope.ShouldBe(Entities.KeyScope);
        (await AskAsync(http, key, name, "3gpp:mc:data_key_management_service watchword:idm:admin")).ShouldBeRefused("invalid_scope");
    }

    [Fact]
    public async Task A_wrong_key_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa wrong = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        using HttpClient http = host.CreateClient();
        (await AskAsync(http, wrong, name)).ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_assertion_is_taken_once()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        using HttpClient http = host.CreateClient();
        string assertion = Entities.Assert(key, name, host.Issuer, host.Time.GetUtcNow());
        TokenAnswer[] answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => CodeFlow.TokenAsync(http, Entities.Request(assertion))));
        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(1);
        (await CodeFlow.TokenAsync(http, Entities.Request(assertion))).ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("too long")]
    [InlineData("no jti")]
    [InlineData("audience")]
    [InlineData("subject")]
    [InlineData("other client")]
    [InlineData("type")]
    public async Task An_assertion_with_a_fault_is_refused(string fault)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        DateTimeOffset now = host.Time.GetUtcNow();
        string assertion = fault switch
        {
            "expired" => Entities.Assert(key, name, host.Issuer, now.AddSeconds(-91)),
            "too long" => Entities.Assert(key, name, host.Issuer, now, lifetime: 601),
            "no jti" => Entities.Assert(key, name, host.Issuer, now, jti: string.Empty),
            "audience" => Entities.Assert(key, name, IdmHost.KmsAudience, now),
            "subject" => Entities.Assert(key, name, host.Issuer, now, subject: "someone"),
            "other client" => Entities.Assert(key, IdmHost.NativeClient, host.Issuer, now),
            "type" => Entities.Assert(key, name, host.Issuer, now, type: "at+jwt"),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
        using HttpClient http = host.CreateClient();
        TokenAnswer answer = await CodeFlow.TokenAsync(http, Entities.Request(assertion));
        answer.Text("access_token").ShouldBeNull();
        answer.Error.ShouldBeOneOf("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    public async Task An_assertion_without_a_real_signature_is_refused(string algorithm)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        string[] parts = Entities.Assert(key, name, host.Issuer, host.Time.GetUtcNow()).Split('.');
        string header = Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","kid":"k1"}""");
        byte[] publicKey = key.ExportSubjectPublicKeyInfo();
        string signature = algorithm == "none" ? string.Empty : Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Encode(
            HMACSHA256.HashData(publicKey, System.Text.Encoding.ASCII.GetBytes($"{header}.{parts[1]}")));
        using HttpClient http = host.CreateClient();
        TokenAnswer answer = await CodeFlow.TokenAsync(http, Entities.Request($"{header}.{parts[1]}.{signature}"));
        answer.ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_entity_with_the_registered_certificate_gets_a_token_over_mutual_tls()
    {
        DateTimeOffset now = host.Time.GetUtcNow();
        using X509Certificate2 certificate = TestCertificates.MakeEntity("mcx", now.AddHours(-1), now.AddHours(1));
        string name = shared.NextName();
        await host.AddClientAsync(Entities.WithCertificate(name, Entities.Thumbprint(certificate)));
        using HttpClient http = host.CreateClient(certificate);
        TokenAnswer answer = await CodeFlow.TokenAsync(http, MutualTls(name));
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        Jwt.Payload(answer.AccessToken).GetProperty("mcx_entity_uri").GetString().ShouldBe(Entities.UriOf(name));
    }

    [Fact]
    public async Task Another_certificate_an_expired_one_or_none_is_refused()
    {
        DateTimeOffset now = host.Time.GetUtcNow();
        using X509Certificate2 certificate = TestCertificates.MakeEntity("mcx", now.AddHours(-1), now.AddHours(1));
        using X509Certificate2 same = TestCertificates.MakeEntity("mcx", now.AddHours(-1), now.AddHours(1));
        using X509Certificate2 old = TestCertificates.MakeEntity("old", now.AddHours(-2), now.AddHours(-1));
        string name = shared.NextName();
        string expired = shared.NextName();
        await host.AddClientAsync(Entities.WithCertificate(name, Entities.Thumbprint(certificate)));
        await host.AddClientAsync(Entities.WithCertificate(expired, Entities.Thumbprint(old)));
        using HttpClient wrong = host.CreateClient(same);
        using HttpClient late = host.CreateClient(old);
        using HttpClient bare = host.CreateClient();
        (await CodeFlow.TokenAsync(wrong, MutualTls(name))).ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
        (await CodeFlow.TokenAsync(late, MutualTls(expired))).ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
        (await CodeFlow.TokenAsync(bare, MutualTls(name))).ShouldBeRefused("invalid_request");
    }

    [Fact]
    public async Task A_certificate_does_not_stand_in_for_the_key_of_an_entity_nor_a_secret_for_either()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string name = await AddAsync(key);
        DateTimeOffset now = host.Time.GetUtcNow();
        using X509Certificate2 certificate = TestCertificates.MakeEntity("mcx", now.AddHours(-1), now.AddHours(1));
        using HttpClient http = host.CreateClient(certificate);
        (await CodeFlow.TokenAsync(http, MutualTls(name))).ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
        Dictionary<string, string> withSecret = MutualTls(name);
        withSecret["client_secret"] = "guess";
        using HttpClient bare = host.CreateClient();
        (await CodeFlow.TokenAsync(bare, withSecret)).ShouldBeRefused("invalid_client", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_public_client_gets_nothing_by_client_credentials()
    {
        using HttpClient http = host.CreateClient();
        TokenAnswer answer = await CodeFlow.TokenAsync(http, MutualTls(IdmHost.NativeClient));
        answer.Text("access_token").ShouldBeNull();
        answer.Error.ShouldBeOneOf("invalid_request", "unauthorized_client", "invalid_client");
    }

    private static Dictionary<string, string> MutualTls(string clientId) => new()
    {
        ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["scope"] = Entities.KeyScope,
    };

    private Task<TokenAnswer> AskAsync(HttpClient http, ECDsa key, string name, string? scope = Entities.KeyScope) =>
        CodeFlow.TokenAsync(http, Entities.Request(Entities.Assert(key, name, host.Issuer, host.Time.GetUtcNow()), scope));

    private async Task<string> AddAsync(ECDsa key)
    {
        string name = shared.NextName();
        await host.AddClientAsync(Entities.WithKey(name, key));
        return name;
    }
}
