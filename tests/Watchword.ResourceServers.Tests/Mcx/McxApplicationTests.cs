using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;
using Watchword.Sip.Tests;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>The whole application with the MCX server alone switched on: configuration, migrations, readiness, SIP,
/// HTTP.</summary>
public sealed class McxApplicationTests : IAsyncLifetime
{
    private static readonly McServiceNames Names = McServiceNames.Mcptt;
    private readonly TestProfile _profile = new();
    private readonly TestTokens _tokens = new();
    private WebApplication _application = null!;
    private TestCore _core = null!;
    private HttpClient _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _core = await TestCore.StartAsync();
        (await TestParty.CreateAsync(_profile, McxHost.Mdsi, isEntity: true)).Dispose();
        _tokens.WriteJwks(In("jwks.json"));
        _application = ServicesApplication.Create(Settings(), builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_profile.Time);
            builder.Services.AddSingleton<Func<HttpMessageHandler>>(() => new Unreachable());
        });
        await _application.StartAsync(Token);
        _http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate!.GetCertHashString(HashAlgorithmName.SHA256) == X509Certificate2.CreateFromPem(
                    File.ReadAllText(In("server.pem")))
                    .GetCertHashString(HashAlgorithmName.SHA256) },
        })
        {
            BaseAddress = new Uri(_application.Urls.Single()),
        };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _application.StopAsync(Token);
        await _application.DisposeAsync();
        await _core.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _tokens.Dispose();
        _profile.Dispose();
    }

    [Fact]
    public async Task It_is_ready_with_its_keys_authorises_and_hands_out_what_an_administrator_orders()
    {
        (await _http.GetAsync("/health/ready", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PublishAsync()).StatusCode.ShouldBe(200);
        string admin = _tokens.Create("admin", Now, ("scope", McScopes.ServicesAdministration));
        object order = new { service = "MCPTT", serviceId = UserIds.Of("alice", McService.Mcptt), clientId = "urn:uuid:1",
            key = "musik" };

        HttpResponseMessage accepted = await SendAsync(HttpMethod.Post, "/mcx/v1/downloads", admin, order);

        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        string state = "waiting";
        for (int i = 0; state != "delivered"; i++)
        {
            i.ShouldBeLessThan(6000, state);
            HttpResponseMessage told = await SendAsync(HttpMethod.Get, accepted.Headers.Location!.ToString(), admin);
            state = (await told.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("state").GetString()!;
            await Task.Delay(10, Token);
        }

        _core.Received.ShouldHaveSingleItem().Headers.ContentType!.Essence.ShouldBe("application/mikey");
    }

    [Fact]
    public async Task Nobody_else_orders_and_nothing_malformed_is_taken()
    {
        _ = await PublishAsync();
        string admin = _tokens.Create("admin", Now, ("scope", McScopes.ServicesAdministration));
        string user = _tokens.Create("alice", Now);
        string elsewhere = _tokens.Create(
            "admin", Now, ("scope", McScopes.ServicesAdministration), ("aud", "https://other.example"));
        object order = new { service = "MCPTT", serviceId = UserIds.Of("alice", McService.Mcptt), clientId = "urn:uuid:1",
            key = "musik" };

        (await StatusAsync(null, order)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(user, order)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(elsewhere, order)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(admin, new { service = "MCPTT" })).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(admin, new { service = "MCPTT", serviceId = "x", clientId = "y", key = "gmk" })).ShouldBe(
            HttpStatusCode.BadRequest);
        (await StatusAsync(admin, new { service = "MCPTT", serviceId = "x", clientId = "y", key = "csk", more = 1 })).ShouldBe(
            HttpStatusCode.BadRequest);
        (await StatusAsync(admin, new { service = "MCPTT", serviceId = "x", clientId = "y", key = "csk" })).ShouldBe(
            HttpStatusCode.NotFound);
        (await SendAsync(HttpMethod.Get, $"/mcx/v1/downloads/{Guid.NewGuid()}", admin)).StatusCode.ShouldBe(
            HttpStatusCode.NotFound);
        (await SendAsync(HttpMethod.Get, "/mcx/v1/downloads/one", admin)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        _core.Received.ShouldBeEmpty();
    }

    private DateTimeOffset Now => _profile.Time.GetUtcNow();

    private async Task<HttpStatusCode> StatusAsync(string? token, object order) =>
        (await SendAsync(HttpMethod.Post, "/mcx/v1/downloads", token, order)).StatusCode;

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, object? order = null)
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (order is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(order), System.Text.Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request, Token);
    }

    private async Task<SipResponse> PublishAsync()
    {
        IPEndPoint server = _application.Services.GetRequiredService<SipHost>().Listeners.Single().EndPoint;
        await using SipStack stack = new(new SipStackOptions());
        SipUri psi = SipUri.Parse(McxHost.Psi(Names));
        SipRequest request = SipRequest.Create(SipMethods.Publish, psi, SipUri.Parse("sip:line@ims.example"), psi);
        request.Headers.Add(SipHeaderNames.Event, "poc-settings");
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, "<sip:line@ims.example>");
        McInfo info = new(Names)
        {
            AccessToken = McInfoValue.FromText(_tokens.Create("alice", Now)),
            ClientId = McInfoValue.FromText("urn:uuid:1"),
        };
        SipBody.Write(request, SipBodyPart.Create(Names.InfoMediaType, info.Write()));
        return await stack.SendAsync(request, new SipDestination(SipTransport.Tcp, "127.0.0.1", server.Port), Token);
    }

    private string In(string name) => Path.Combine(_profile.Directory, name);

    private string[] Settings()
    {
        using X509Certificate2 certificate = Certificate();
        File.WriteAllText(In("server.pem"), certificate.ExportCertificatePem());
        Secret("server.key", System.Text.Encoding.ASCII.GetBytes(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
        Secret("csk.key", RandomNumberGenerator.GetBytes(32));
        using ECDsa credential = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Secret("entity.pem", System.Text.Encoding.ASCII.GetBytes(credential.ExportPkcs8PrivateKeyPem()));
        Dictionary<string, string> settings = new()
        {
            ["Services:DataDirectory"] = In("data"),
            ["Services:Listen:0"] = "https://127.0.0.1:0",
            ["Services:Tls:CertificateFile"] = In("server.pem"),
            ["Services:Tls:KeyFile"] = In("server.key"),
            ["Services:Sip:Listen:0"] = "tcp://127.0.0.1:0",
            ["Services:Sip:Peers:0:Name"] = "core",
            ["Services:Sip:Peers:0:Networks:0"] = "127.0.0.1/32",
            ["Services:Sip:Core"] = string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{_core.Destination.Port}"),
            ["Services:Mcx:Enabled"] = "true",
            ["Services:Mcx:Audience"] = TestTokens.Audience,
            ["Services:Mcx:WarnHost"] = McxHost.WarnHost,
            ["Services:Mcx:CskKeyFile"] = In("csk.key"),
            ["Services:Mcx:Services:0:Service"] = "MCPTT",
            ["Services:Mcx:Services:0:Psis:0"] = McxHost.Psi(Names),
            ["Services:Mcx:Identities:0:Uri"] = McxHost.Mdsi,
            ["Services:Mcx:Identities:0:Idm"] = "https://idm.unreachable.example",
            ["Services:Mcx:Identities:0:Kms"] = "https://kms.unreachable.example",
            ["Services:Mcx:Identities:0:ClientId"] = "mcx",
            ["Services:Mcx:Identities:0:CredentialFile"] = In("entity.pem"),
            ["Services:Mcx:Identities:0:StoreDirectory"] = In(McxHost.Mdsi.Replace(':', '_')),
            ["Services:Mcx:Identities:0:StoreKeyFile"] = In("unlock.key"),
            ["Authorization:Audience"] = "https://services.example",
            ["Authorization:Issuers:0:Issuer"] = TestTokens.Issuer,
            ["Authorization:Issuers:0:JwksFile"] = In("jwks.json"),
            ["Authorization:Issuers:0:IdentityDomains:0"] = TestTokens.Domain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Off",
        };
        return [.. settings.SelectMany(setting => (string[])[$"--{setting.Key}", setting.Value])];
    }

    // In force at the time of the test's clock.
    private X509Certificate2 Certificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddYears(5));
    }

    private void Secret(string name, byte[] content)
    {
        File.WriteAllBytes(In(name), content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(In(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.ConnectionError);
    }
}
