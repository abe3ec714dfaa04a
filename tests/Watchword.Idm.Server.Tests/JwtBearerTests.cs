using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Watchword.Authorization;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>The security token at the partner IdM server (TS 33.180 B.7.4, B.7.5, B.9, B.11.3).</summary>
public sealed class JwtBearerTests : IAsyncLifetime
{
    private const string ConfigurationScope = "3gpp:mc:ptt_config_management_service";
    private TwoDomains domains = null!;

    public async ValueTask InitializeAsync() => domains = await TwoDomains.StartAsync();

    public ValueTask DisposeAsync() => domains.DisposeAsync();

    [Fact]
    public async Task A_security_token_becomes_an_access_token_of_the_partner()
    {
        string security = await domains.SecurityTokenAsync();
        TokenAnswer answer = await domains.RedeemAsync(security);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.NoStore.ShouldBeTrue();
        answer.Scope.ShouldBe(TwoDomains.KeyScope);
        answer.ExpiresIn.ShouldBe(600);
        answer.Text("refresh_token").ShouldBeNull();
        answer.Text("id_token").ShouldBeNull();

        JsonElement payload = Jwt.Payload(answer.AccessToken);
        payload.GetProperty("iss").GetString().ShouldBe(domains.PartnerHost.Issuer);
        payload.GetProperty("client_id").GetString().ShouldBe(IdmHost.NativeClient);
        payload.GetProperty("mcptt_id").GetString().ShouldBe("sip:alice.ptt@mc.example.org");
        payload.GetProperty("mcdata_id").GetString().ShouldBe("sip:alice.data@mc.example.org");
        string subject = payload.GetProperty("sub").GetString()!;
        subject.ShouldStartWith("foreign-");
        subject.ShouldNotContain(Jwt.Payload(security).GetProperty("sub").GetString()!);
        Jwt.Audiences(answer.AccessToken).ShouldBe([IdmHost.KmsAudience]);

        using ResourceServer server = await ResourceServer.StartAsync(domains.PartnerHost, IdmHost.KmsAudience);
        (await server.ValidateAsync(answer.AccessToken)).ShouldBe(AuthorizationFault.None);
        using ResourceServer home = await ResourceServer.StartAsync(domains.Primary, IdmHost.KmsAudience);
        (await home.ValidateAsync(answer.AccessToken)).ShouldBe(AuthorizationFault.IssuerNotTrusted);
        using ResourceServer strict = await ResourceServer.StartAsync(domains.PartnerHost, IdmHost.KmsAudience, domains: ["partner.example"]);
        (await strict.ValidateAsync(answer.AccessToken)).ShouldBe(AuthorizationFault.IdentityOutsideDomain);
    }

    [Fact]
    public async Task The_same_subject_of_two_primaries_is_two_subjects_and_that_of_one_is_one()
    {
        string alice = Jwt.Payload(await domains.SecurityTokenAsync()).GetProperty("sub").GetString()!;
        string first = await SubjectAsync(await domains.SecurityTokenAsync());
        string again = await SubjectAsync(await domains.SecurityTokenAsync());
        string forged = await SubjectAsync(domains.Assert(claims => claims["sub"] = alice));
        again.ShouldBe(first);
        forged.ShouldNotBe(first);
        first.ShouldNotBe(alice);
    }

    [Theory]
    [InlineData(null, TwoDomains.KeyScope + " " + ConfigurationScope)]
    [InlineData(ConfigurationScope, ConfigurationScope)]
    [InlineData(TwoDomains.KeyScope + " watchword:idm:admin openid offline_access watchword:kms:auditor 3gpp:mc:ptt_service", TwoDomains.KeyScope)]
    [InlineData(TwoDomains.VideoKeyScope, null)]
    [InlineData("watchword:idm:admin", null)]
    [InlineData("openid", null)]
    public async Task Scopes_are_those_requested_of_the_issuer_of_the_client_and_of_the_identities(string? requested, string? granted)
    {
        TokenAnswer answer = await domains.RedeemAsync(domains.Assert(), requested);
        if (granted is null)
        {
            answer.ShouldBeRefused("invalid_scope");
            return;
        }

        answer.Error.ShouldBeNull(answer.Body);
        answer.Scope.ShouldBe(granted);
        Jwt.Payload(answer.AccessToken).GetProperty("scope").GetString().ShouldBe(granted);
        answer.Text("refresh_token").ShouldBeNull();
        answer.Text("id_token").ShouldBeNull();
    }

    [Fact]
    public async Task A_client_that_may_have_less_gets_less()
    {
        await domains.PartnerHost.AddClientAsync(new NewClient
        {
            ClientId = "keys-only", Kind = ClientKinds.Native, RedirectUris = [CodeFlow.RedirectUri], Scopes = [TwoDomains.KeyScope],
        });
        string assertion = domains.Assert(claims => claims["aud"] = new JsonArray("keys-only", TwoDomains.Partner));
        (await domains.RedeemAsync(assertion, scope: null, clientId: "keys-only")).Scope.ShouldBe(TwoDomains.KeyScope);
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("no exp")]
    [InlineData("no iat")]
    [InlineData("text exp")]
    [InlineData("too long")]
    [InlineData("future")]
    [InlineData("not yet")]
    [InlineData("aud without client")]
    [InlineData("aud without server")]
    [InlineData("aud with a third")]
    [InlineData("aud twice")]
    [InlineData("no aud")]
    [InlineData("other client")]
    [InlineData("unknown issuer")]
    [InlineData("no iss")]
    [InlineData("sub too long")]
    [InlineData("sub empty")]
    [InlineData("no sub")]
    [InlineData("foreign domain")]
    [InlineData("own domain")]
    [InlineData("foreign domain in another service")]
    [InlineData("identity no uri")]
    [InlineData("identity no text")]
    public async Task A_security_token_with_a_fault_is_refused(string fault)
    {
        long now = domains.Time.GetUtcNow().ToUnixTimeSeconds();
        string assertion = domains.Assert(claims => Break(claims, fault, now));
        (await domains.RedeemAsync(assertion)).ShouldBeRefused("invalid_grant");
        domains.PartnerHost.LogLines.Lines.ShouldContain(line => line.Contains(" 3207 "));
        (await domains.RedeemAsync(domains.Assert())).Error.ShouldBeNull("the fault, and nothing else, was the reason");
    }

    [Fact]
    public async Task Thirty_seconds_of_leeway_are_given_and_a_subject_of_255_octets_is_taken()
    {
        long now = domains.Time.GetUtcNow().ToUnixTimeSeconds();
        (await domains.RedeemAsync(domains.Assert(claims => claims["exp"] = now - 29))).Error.ShouldBeNull();
        (await domains.RedeemAsync(domains.Assert(claims => claims["exp"] = now - 30))).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(domains.Assert(claims => claims["iat"] = now + 30))).Error.ShouldBeNull();
        (await domains.RedeemAsync(domains.Assert(claims => claims["sub"] = new string('s', 255)))).Error.ShouldBeNull();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("tampered")]
    public async Task A_token_without_a_real_signature_is_refused(string algorithm)
    {
        string[] parts = domains.Assert().Split('.');
        // Another order than the real header has: even with its algorithm, the signature is not that of these octets.
        string header = Base64UrlEncoder.Encode($$"""{"typ":"JWT","kid":"k1","alg":"{{(algorithm == "tampered" ? "ES256" : algorithm)}}"}""");
        byte[] publicKey = domains.Forge.ExportSubjectPublicKeyInfo();
        string signature = algorithm switch
        {
            "none" => string.Empty,
            "HS256" => Base64UrlEncoder.Encode(HMACSHA256.HashData(publicKey, Encoding.ASCII.GetBytes($"{header}.{parts[1]}"))),
            _ => parts[2],
        };
        (await domains.RedeemAsync($"{header}.{parts[1]}.{signature}")).ShouldBeRefused("invalid_grant");
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("application/AT+JWT")]
    [InlineData("secevent+jwt")]
    public async Task A_token_of_another_type_is_refused(string type)
    {
        (await domains.RedeemAsync(domains.Assert(header: new() { ["typ"] = type }))).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(domains.Assert(header: new() { ["typ"] = "JWT", ["crit"] = new[] { "exp" } }))).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync("garbage")).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync("a.b.c")).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(new string('a', 20_000))).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_key_of_another_issuer_or_of_nobody_is_refused()
    {
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await domains.RedeemAsync(domains.Assert(key: stranger))).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(domains.Assert(kid: "k2"))).ShouldBeRefused("invalid_grant");
        // The other primary's key under the first one's name, with an identity of the first one's.
        (await domains.RedeemAsync(domains.Assert(claims =>
        {
            claims["iss"] = domains.Primary.Issuer;
            claims["mcptt_id"] = "sip:alice.ptt@mc.example.org";
        }))).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task An_access_or_id_token_of_the_primary_is_no_security_token()
    {
        using CodeFlow flow = new(domains.Primary);
        TokenAnswer tokens = await flow.GetTokensAsync();
        (await domains.RedeemAsync(tokens.AccessToken)).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(tokens.IdToken)).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_security_token_for_another_partner_or_client_is_refused()
    {
        TokenAnswer other = await domains.ExchangeAsync(
            await domains.AccessTokenAsync(), form => form["resource"] = TwoDomains.OtherPartner);
        (await domains.RedeemAsync(other.AccessToken, scope: null)).ShouldBeRefused("invalid_grant");
        await domains.PartnerHost.AddClientAsync(new NewClient
        {
            ClientId = "other-app", Kind = ClientKinds.Native, RedirectUris = [CodeFlow.RedirectUri],
        });
        (await domains.RedeemAsync(await domains.SecurityTokenAsync(), clientId: "other-app")).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_client_that_is_not_registered_for_it_at_the_partner_is_refused()
    {
        (await domains.RedeemAsync(
            domains.Assert(claims => claims["aud"] = new JsonArray("nobody", TwoDomains.Partner)), clientId: "nobody"))
            .Error.ShouldBe("invalid_client");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await domains.PartnerHost.AddClientAsync(Entities.WithKey("entity", key, "sip:entity@partner.example"));
        TokenAnswer answer = await CodeFlow.TokenAsync(domains.PartnerHttp, new()
        {
            ["grant_type"] = Watchword.Identity.InterDomainNames.SecurityTokenGrant,
            ["assertion"] = domains.Assert(claims => claims["aud"] = new JsonArray("entity", TwoDomains.Partner)),
            ["client_id"] = "entity",
            ["client_assertion_type"] = Entities.AssertionType,
            ["client_assertion"] = Entities.Assert(key, "entity", domains.PartnerHost.Issuer, domains.Time.GetUtcNow()),
        });
        answer.Error.ShouldBe("unauthorized_client", answer.Body);
    }

    [Fact]
    public async Task A_security_token_is_taken_once_also_at_the_same_moment_and_after_a_restart()
    {
        string assertion = domains.Assert();
        TokenAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => domains.RedeemAsync(assertion)));
        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(answer => answer.Status != HttpStatusCode.OK).ShouldAllBe(answer => answer.Error == "invalid_grant");
        string second = await domains.SecurityTokenAsync();
        (await domains.RedeemAsync(second)).Error.ShouldBeNull();
        await domains.RestartPartnerAsync();
        (await domains.RedeemAsync(assertion)).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(second)).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_security_token_without_jti_is_taken_once_whatever_its_signature()
    {
        string assertion = domains.Assert(claims => claims.Remove("jti"));
        (await domains.RedeemAsync(assertion)).Error.ShouldBeNull();
        (await domains.RedeemAsync(assertion)).ShouldBeRefused("invalid_grant");
        string[] parts = assertion.Split('.');
        byte[] again = domains.Forge.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256);
        (await domains.RedeemAsync($"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(again)}")).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task A_key_of_the_primary_that_is_new_is_found_and_one_that_left_the_file_is_not_believed()
    {
        (await domains.RedeemAsync(domains.Assert())).Error.ShouldBeNull();
        using ECDsa next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string file = Path.Combine(domains.PartnerHost.Directory, "forge.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(Entities.PublicJwks(next)), TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(5));
        (await domains.RedeemAsync(domains.Assert())).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(domains.Assert(key: next))).Error.ShouldBeNull();
    }

    private async Task<string> SubjectAsync(string assertion)
    {
        TokenAnswer answer = await domains.RedeemAsync(assertion);
        answer.Error.ShouldBeNull(answer.Body);
        return Jwt.Payload(answer.AccessToken).GetProperty("sub").GetString()!;
    }

    private static void Break(JsonObject claims, string fault, long now)
    {
        (string name, JsonNode? value) = fault switch
        {
            "expired" => ("exp", (JsonNode?)(now - 31)),
            "no exp" => ("exp", null),
            "no iat" => ("iat", null),
            "text exp" => ("exp", "tomorrow"),
            "too long" => ("exp", now + 631),
            "future" => ("iat", now + 31),
            "not yet" => ("nbf", now + 31),
            "aud without client" => ("aud", new JsonArray(TwoDomains.Partner, TwoDomains.OtherPartner)),
            "aud without server" => ("aud", new JsonArray(IdmHost.NativeClient, TwoDomains.OtherPartner)),
            "aud with a third" => ("aud", new JsonArray(IdmHost.NativeClient, TwoDomains.Partner, TwoDomains.OtherPartner)),
            "aud twice" => ("aud", new JsonArray(IdmHost.NativeClient, IdmHost.NativeClient)),
            "no aud" => ("aud", null),
            "other client" => ("aud", new JsonArray("other-app", TwoDomains.Partner)),
            "unknown issuer" => ("iss", "https://idm.stranger.example"),
            "no iss" => ("iss", null),
            "sub too long" => ("sub", new string('s', 256)),
            "sub empty" => ("sub", string.Empty),
            "no sub" => ("sub", null),
            "foreign domain" => ("mcptt_id", "sip:alice.ptt@mc.example.org"),
            "own domain" => ("mcptt_id", "sip:chief@partner.example"),
            "foreign domain in another service" => ("mcvideo_id", "sip:alice.video@mc.example.org"),
            "identity no uri" => ("mcptt_id", "bob"),
            "identity no text" => ("mcptt_id", 17),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
        claims.Remove(name);
        if (value is not null)
        {
            claims[name] = value;
        }
    }
}
