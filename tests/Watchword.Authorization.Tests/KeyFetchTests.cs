using System.Net;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>Keys over TLS from a real endpoint on loopback: trust, roll-over, and an IdM server that is away.</summary>
public sealed class KeyFetchTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly TestIssuer _home = new("https://idms.mc.example.org");
    private readonly Settings _settings = new();
    private KeyEndpoint _endpoint = null!;

    private string Token => _home.Token(TestClaims.User(_home));

    public async ValueTask InitializeAsync()
    {
        _endpoint = await KeyEndpoint.StartAsync(_authority.Issue());
        _endpoint.Jwks = _home.Jwks();
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _settings.Dispose();
        _home.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Keys_come_over_TLS_under_a_private_CA_and_are_kept()
    {
        await using ResourceServer server = await StartAsync();

        for (int i = 0; i < 3; i++)
        {
            (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _endpoint.Fetches.ShouldBe(1);
    }

    [Fact]
    public async Task Many_first_requests_at_once_cause_one_fetch()
    {
        await using ResourceServer server = await StartAsync();

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.GetAsync(Token)));

        responses.ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
        _endpoint.Fetches.ShouldBe(1);
    }

    [Fact]
    public async Task Discovery_leads_to_the_keys()
    {
        _endpoint.Metadata = $$"""{"issuer":"{{_home.Name}}","jwks_uri":"{{_endpoint.JwksUri}}"}""";
        await using ResourceServer server = await StartAsync(("MetadataAddress", _endpoint.MetadataAddress));

        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"issuer":"https://idms.mc.example.org/","jwks_uri":"JWKS"}""")]
    [InlineData("""{"issuer":"https://evil.example.net","jwks_uri":"JWKS"}""")]
    [InlineData("""{"jwks_uri":"JWKS"}""")]
    [InlineData("""{"issuer":"https://idms.mc.example.org"}""")]
    [InlineData("""{"issuer":"https://idms.mc.example.org","jwks_uri":"http://localhost/jwks"}""")]
    [InlineData("""{"issuer":"https://idms.mc.example.org","jwks_uri":"file:///jwks"}""")]
    [InlineData("""{"issuer":"https://evil.example.net","issuer":"https://idms.mc.example.org","jwks_uri":"JWKS"}""")]
    [InlineData("""[]""")]
    public async Task A_discovery_document_of_another_issuer_or_without_https_gives_no_keys(string metadata)
    {
        _endpoint.Metadata = metadata.Replace("JWKS", _endpoint.JwksUri, StringComparison.Ordinal);
        await using ResourceServer server = await StartAsync(("MetadataAddress", _endpoint.MetadataAddress));

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
        _endpoint.Fetches.ShouldBe(0);
    }

    [Fact]
    public async Task A_wrong_CA_gives_no_keys()
    {
        using TestAuthority other = new();
        await using ResourceServer server = await StartAsync(("CaFile", _settings.WriteFile("other.pem", other.Pem)));

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
        _endpoint.Fetches.ShouldBe(0);
    }

    [Fact]
    public async Task The_systems_CAs_do_not_vouch_for_a_private_one()
    {
        await using ResourceServer server = await StartAsync(("CaFile", null));

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
        _endpoint.Fetches.ShouldBe(0);
    }

    [Fact]
    public async Task A_certificate_of_the_right_CA_for_another_host_gives_no_keys()
    {
        await using KeyEndpoint wrong = await KeyEndpoint.StartAsync(_authority.Issue("other.example.org"));
        wrong.Jwks = _home.Jwks();
        await using ResourceServer server = await StartAsync(("JwksUri", wrong.JwksUri));

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
        wrong.Fetches.ShouldBe(0);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using KeyEndpoint target = await KeyEndpoint.StartAsync(_authority.Issue());
        target.Jwks = _home.Jwks();
        _endpoint.RedirectTo = target.JwksUri;
        await using ResourceServer server = await StartAsync();

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
        target.Fetches.ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    [InlineData("<html/>")]
    public async Task An_answer_that_is_no_key_set_gives_no_keys(string answer)
    {
        _endpoint.Jwks = answer;
        await using ResourceServer server = await StartAsync();

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
    }

    [Fact]
    public async Task An_answer_beyond_the_limit_of_size_gives_no_keys()
    {
        _endpoint.Jwks = new string(' ', 256 * 1024) + _home.Jwks();
        await using ResourceServer server = await StartAsync();

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
    }

    [Fact]
    public async Task A_new_key_is_fetched_when_a_token_names_it()
    {
        await using ResourceServer server = await StartAsync();
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using TestIssuer next = new(_home.Name) { EcKeyId = "next" };
        _endpoint.Jwks = TestIssuer.SetOf(_home.EcJwk(), next.EcJwk());

        (await server.GetAsync(next.Token(TestClaims.User(_home)))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        _endpoint.Fetches.ShouldBe(2);
    }

    [Fact]
    public async Task Made_up_key_ids_cause_one_fetch_per_interval()
    {
        await using ResourceServer server = await StartAsync();
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        for (int i = 0; i < 5; i++)
        {
            await server.ShouldRefuseAsync(TokenNaming($"made-up-{i}"), AuthorizationFault.KeyUnknown);
        }

        _endpoint.Fetches.ShouldBe(2);
        server.Clock.Advance(TimeSpan.FromSeconds(29));
        await server.ShouldRefuseAsync(TokenNaming("made-up"), AuthorizationFault.KeyUnknown);
        _endpoint.Fetches.ShouldBe(2);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.ShouldRefuseAsync(TokenNaming("made-up"), AuthorizationFault.KeyUnknown);
        _endpoint.Fetches.ShouldBe(3);
    }

    [Fact]
    public async Task A_withdrawn_key_stops_counting_when_the_set_is_due()
    {
        await using ResourceServer server = await StartAsync();
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using TestIssuer next = new(_home.Name) { EcKeyId = "next" };
        _endpoint.Jwks = next.Jwks();

        server.Clock.Advance(TimeSpan.FromMinutes(10));

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeyUnknown);
    }

    [Fact]
    public async Task An_IdM_server_that_is_away_at_first_is_503_with_Retry_After_and_then_forgotten()
    {
        _endpoint.Status = 500;
        await using ResourceServer server = await StartAsync();

        using HttpResponseMessage away = await server.GetAsync(Token);
        await away.ShouldBeAsync(AuthorizationFault.KeysNotAvailable);
        away.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        away.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        away.Headers.WwwAuthenticate.ShouldBeEmpty();

        server.Clock.Advance(TimeSpan.FromSeconds(2));
        using HttpResponseMessage paused = await server.GetAsync(Token);
        paused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(3));
        _endpoint.Fetches.ShouldBe(1);

        _endpoint.Status = 200;
        server.Clock.Advance(TimeSpan.FromSeconds(3));
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Known_keys_serve_while_the_IdM_server_is_away_but_not_for_ever()
    {
        await using ResourceServer server = await StartAsync();
        string token = _home.Token(TestClaims.User(_home).With("exp", TestClaims.Now.ToUnixTimeSeconds() + (48 * 3600)));
        (await server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        _endpoint.Status = 503;

        server.Clock.Advance(TimeSpan.FromHours(23));
        (await server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await server.ShouldRefuseAsync(TokenNaming("next"), AuthorizationFault.KeysNotAvailable);
        server.Clock.Advance(TimeSpan.FromHours(1));

        await server.ShouldRefuseAsync(token, AuthorizationFault.KeysNotAvailable);
    }

    [Fact]
    public async Task A_stopped_IdM_server_is_503()
    {
        string address = _endpoint.JwksUri;
        await _endpoint.DisposeAsync();
        await using ResourceServer server = await StartAsync(("JwksUri", address));

        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeysNotAvailable);
    }

    [Fact]
    public async Task A_key_file_is_read_again_for_an_unknown_key()
    {
        using TestIssuer next = new(_home.Name) { EcKeyId = "next" };
        using Settings settings = new();
        settings.Trust(_home);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        settings.WriteFile("idms.mc.example.org.jwks", TestIssuer.SetOf(next.EcJwk()));

        (await server.GetAsync(next.Token(TestClaims.User(_home)))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await server.ShouldRefuseAsync(Token, AuthorizationFault.KeyUnknown);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not JSON")]
    public async Task A_key_file_that_went_away_is_503_for_unknown_keys(string? content)
    {
        using Settings settings = new();
        settings.Trust(_home);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        string file = settings.WriteFile("idms.mc.example.org.jwks", content ?? string.Empty);
        if (content is null)
        {
            File.Delete(file);
        }

        await server.ShouldRefuseAsync(TokenNaming("next"), AuthorizationFault.KeysNotAvailable);
        (await server.GetAsync(Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private string TokenNaming(string kid) =>
        _home.SignEc(_home.EcHeader().With("kid", kid).ToJsonString(), TestClaims.User(_home).ToJsonString());

    private Task<ResourceServer> StartAsync(params (string Key, string? Value)[] settings)
    {
        // Generous, for a machine that runs every test at once.
        _settings.Set("FetchTimeout", "00:01:00");
        _settings.Trust(_home.Name, [("CaFile", _settings.WriteFile("ca.pem", _authority.Pem)), .. settings]);
        if (!settings.Any(setting => setting.Key is "MetadataAddress" or "JwksUri"))
        {
            _settings.Set("Issuers:0:JwksUri", _endpoint.JwksUri);
        }

        return ResourceServer.StartAsync(_settings.Values);
    }
}
