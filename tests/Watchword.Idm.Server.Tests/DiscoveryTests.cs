using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class DiscoveryTests(SharedHost shared)
{
    [Fact]
    public async Task Discovery_describes_the_profile_and_nothing_beyond_it()
    {
        using HttpClient http = shared.Host.CreateClient();
        JsonElement document = await http.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration", TestContext.Current.CancellationToken);
        string issuer = shared.Host.Issuer;
        document.GetProperty("issuer").GetString().ShouldBe(issuer);
        document.GetProperty("authorization_endpoint").GetString().ShouldBe(issuer + "/connect/authorize");
        document.GetProperty("token_endpoint").GetString().ShouldBe(issuer + "/connect/token");
        document.GetProperty("jwks_uri").GetString().ShouldBe(issuer + "/.well-known/jwks");
        Strings("response_types_supported").ShouldBe(["code"]);
        Strings("response_modes_supported").ShouldBe(["query"]);
        Strings("grant_types_supported").ShouldBe(
            [
                "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            ignoreOrder: true);
        Strings("code_challenge_methods_supported").ShouldBe(["S256"]);
        Strings("id_token_signing_alg_values_supported").ShouldBe(["ES256", "RS256"], ignoreOrder: true);
        Strings("token_endpoint_auth_methods_supported").ShouldBe(["private_key_jwt", "self_signed_tls_client_auth", "none"], ignoreOrder: true);
        Strings("acr_values_supported").ShouldBe(["3gpp:acr:password"]);
        Strings("scopes_supported").ShouldBe(
            [
                "openid", "offline_access", .. McScopes.All, McScopes.IdmAdministration, McScopes.ServicesAdministration, KmsRoleScopes.CryptoOfficer,
                KmsRoleScopes.UserAdministrator, KmsRoleScopes.Auditor,
            ],
            ignoreOrder: true);
        document.GetProperty("authorization_response_iss_parameter_supported").GetBoolean().ShouldBeTrue();

        string[] Strings(string name) => [.. document.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];
    }

    [Fact]
    public async Task Health_is_told_and_an_unknown_address_is_a_problem_with_a_correlation_id()
    {
        using HttpClient http = shared.Host.CreateClient();
        (await http.GetAsync("/health/live", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using HttpResponseMessage missing = await http.GetAsync("/nothing", TestContext.Current.CancellationToken);
        missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        missing.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonElement problem = await missing.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        problem.GetProperty("code").GetString().ShouldBe("idm.not-found");
        problem.GetProperty("correlationId").GetString().ShouldBe(missing.Headers.GetValues("X-Correlation-Id").Single());
    }
}
