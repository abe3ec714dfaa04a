using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Watchword.Hosting;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>The IdM server as a process: health, TLS files, log, configuration check.</summary>
public sealed class OperatingTests
{
    [Fact]
    public async Task Readiness_names_its_checks_and_says_no_while_the_server_drains()
    {
        await using IdmHost host = await IdmHost.StartAsync(new() { ["Idm:DrainSeconds"] = "3" });
        using HttpClient http = host.CreateClient();
        (await ReadyAsync(http)).ShouldBe((HttpStatusCode.OK, ""));
        Task stopping = host.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);
        (HttpStatusCode, string) ready;
        do
        {
            ready = await ReadyAsync(http);
        }
        while (ready.Item1 == HttpStatusCode.OK);
        ready.ShouldBe((HttpStatusCode.ServiceUnavailable, "accepting"));
        host.Time.Advance(TimeSpan.FromSeconds(3));
        await stopping;
    }

    [Fact]
    public async Task A_new_certificate_serves_the_next_handshake()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        string certificate = Path.Combine(host.Directory, "tls.crt");
        string before = await ShownAsync(host);
        await File.WriteAllTextAsync(certificate, "-----BEGIN", TestContext.Current.CancellationToken);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        (await ShownAsync(host)).ShouldBe(before);
        TestCertificates.WriteServerFiles(certificate, Path.Combine(host.Directory, "tls.key"));
        host.Time.Advance(TimeSpan.FromSeconds(10));
        string after = await ShownAsync(host);
        after.ShouldNotBe(before);
        using X509Certificate2 written = X509CertificateLoader.LoadCertificateFromFile(certificate);
        after.ShouldBe(written.GetCertHashString());
    }

    [Fact]
    public async Task The_log_has_templates_and_no_name_code_or_token()
    {
        await using IdmHost host = await IdmHost.StartAsync(new() { ["Logging:LogLevel:Watchword"] = "Trace" });
        await host.AddAliceAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync();
        using HttpClient http = host.CreateClient();
        foreach (string path in (string[])
            ["/.well-known/openid-configuration", "/secretpath/alice", "/admin/v1/accounts/alice?secretquery=1",
                "/connect/authorize?login_hint=alice"])
        {
            using HttpResponseMessage answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
        }

        using HttpResponseMessage refused = await http.PostAsync(
            "/admin/v1/accounts/alice/disable", null, TestContext.Current.CancellationToken);
        string log = string.Join('\n', host.LogLines.Lines);
        log.ShouldContain("POST /connect/token 200");
        log.ShouldContain("GET /.well-known/openid-configuration 200");
        log.ShouldContain("POST /admin/v1/accounts/{userName}/disable 401");
        log.ShouldContain("GET (none) 404");
        foreach (string secret in (string[])["alice", "secretpath", "secretquery", tokens.AccessToken[^20..],
            tokens.RefreshToken[^20..], IdmHost.Password])
        {
            log.ShouldNotContain(secret, Case.Insensitive);
        }
    }

    [Fact]
    public async Task A_good_configuration_has_no_fault_and_a_bad_one_has_all_of_them()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        Dictionary<string, string?> settings = IdmHost.Settings(host.Directory, null);
        settings["Idm:Issuer"] = "https://localhost:8443";
        Find(settings).Found.Where(fault => fault.Severity == FaultSeverity.Fault).ShouldBeEmpty();

        settings["Idm:Isuer"] = "x";
        settings["Idm:LogIn:MaxFailures"] = "many";
        settings["Idm:AccessTokenLifetime"] = "400.00:00:00";
        settings["Idm:Issuer"] = "https://other.example.org";
        settings["Idm:DrainSeconds"] = "999";
        settings["Telemetry:Metrics:Listen"] = "http://0.0.0.0:9464";
        string other = Path.Combine(host.Directory, "other");
        await File.WriteAllBytesAsync(other, new byte[32], TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(other, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        settings["Idm:Custody:KeyEncryptionKeyFile"] = other;
        string[] options = [.. Find(settings).Found.Where(fault => fault.Severity == FaultSeverity.Fault)
            .Select(fault => fault.Option)];
        foreach (string option in (string[])
            [
                "Idm:Isuer", "Idm:LogIn:MaxFailures", "Idm:AccessTokenLifetime", "Idm:Tls:CertificateFile", "Idm:DrainSeconds",
                "Telemetry:Metrics:Listen", "Idm:Custody:KeyEncryptionKeyFile",
            ])
        {
            options.ShouldContain(option);
        }
    }

    [Fact]
    public void The_example_starts_only_when_every_placeholder_is_replaced()
    {
        IConfigurationRoot example = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "deploy", "config", "idm.appsettings.json")).Build();
        string[] placeholders = [.. example.AsEnumerable()
            .Where(entry => entry.Value?.Contains(OptionsReader.Placeholder, StringComparison.Ordinal) is true)
            .Select(entry => entry.Key)];
        ConfigurationFaults found = ConfigurationCheck.Find(example, ports: false, TimeProvider.System);
        string[] refused = [.. found.Found.Where(fault => fault.Problem.Contains("placeholder", StringComparison.Ordinal))
            .Select(fault => fault.Option)];
        refused.ShouldBe(placeholders, ignoreOrder: true);
        found.Found.ShouldNotContain(fault => fault.Problem.Contains("no option", StringComparison.Ordinal));
    }

    private static ConfigurationFaults Find(Dictionary<string, string?> settings) => ConfigurationCheck.Find(
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), ports: false, TimeProvider.System);

    private static async Task<(HttpStatusCode Status, string Failed)> ReadyAsync(HttpClient http)
    {
        using HttpResponseMessage response = await http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        using JsonDocument body = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Dictionary<string, string> checks = body.RootElement.GetProperty("checks").EnumerateObject()
            .ToDictionary(check => check.Name, check => check.Value.GetString()!);
        checks.Keys.Order().ShouldBe(["accepting", "certificate", "events", "signing_key", "store"]);
        return (response.StatusCode, string.Join(',', checks.Where(check => check.Value != "ok").Select(check => check.Key)));
    }

    private static async Task<string> ShownAsync(IdmHost host)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync("127.0.0.1", new Uri(host.Issuer).Port, TestContext.Current.CancellationToken);
        string shown = string.Empty;
        await using SslStream tls = new(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
#pragma warning disable CA5359 // Which certificate is shown is the matter of this test, not who trusts it.
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate!.GetCertHashString();
                    return true;
                },
#pragma warning restore CA5359
            },
            TestContext.Current.CancellationToken);
        return shown;
    }
}
