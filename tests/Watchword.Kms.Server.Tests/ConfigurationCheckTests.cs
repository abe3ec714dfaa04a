using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Watchword.Hosting;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The verb <c>check-config</c>: every fault at once, and the same ones that refuse a start.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ConfigurationCheckTests
{
    [Fact]
    public async Task A_good_configuration_has_no_fault_and_the_check_changes_nothing()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        Dictionary<string, string> before = Files(host);
        int records = (await host.AuditAsync()).Count;
        ConfigurationFaults found = await FindAsync(host, []);
        found.Any.ShouldBeFalse(found.Describe());
        Files(host).ShouldBe(before, ignoreOrder: true);
        (await host.AuditAsync()).Count.ShouldBe(records);
    }

    [Fact]
    public async Task Every_unknown_key_and_every_value_of_the_wrong_form_is_named()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        ConfigurationFaults found = await FindAsync(host,
        [
            ("Kms:HistoryPeriod", "5"), ("Kms:Tls:Certificate", "x"), ("Kms:AssertedIdentity:Peers:0:Thumb", "x"),
            ("Authorization:Issuers:0:Isuer", "x"), ("Telemetry:Oltp:Endpoint", "x"), ("Kms:DrainSeconds", "soon"),
            ("Kms:UserIdEncoding", "Morse"), ("Authorization:Leeway", "long"), ("Kms:Listen", "https://127.0.0.1:0"),
            ("Kestrel:Endpoints:Door:Url", "http://0.0.0.0:80"), ("Kms:Custody", "file"),
        ]);
        string[] options = Options(found);
        foreach (string option in new[]
        {
            "Kms:HistoryPeriod", "Kms:Tls:Certificate", "Kms:AssertedIdentity:Peers:0:Thumb", "Authorization:Issuers:0:Isuer",
            "Telemetry:Oltp", "Kms:DrainSeconds", "Kms:UserIdEncoding", "Authorization:Leeway", "Kestrel", "Kms:Custody",
        })
        {
            options.ShouldContain(option);
        }
    }

    [Theory]
    [InlineData("expired", "Kms:Tls:CertificateFile", "expired")]
    [InlineData("another host", "Kms:Tls:CertificateFile", "is not for")]
    [InlineData("stray certificate", "Kms:Tls:CertificateFile", "not in the chain")]
    [InlineData("open key", "Kms:Tls:KeyFile", "others can reach")]
    [InlineData("no key", "Kms:Tls:KeyFile", "cannot be read")]
    [InlineData("small key", "Kms:Tls:CertificateFile", "1024 bits")]
    public async Task Faults_of_the_TLS_files_are_found_before_a_client_meets_them(string kind, string option, string problem)
    {
        await using KmsHost host = await KmsHost.StartAsync();
        DateTimeOffset now = host.Time.GetUtcNow();
        switch (kind)
        {
            case "expired":
                host.Certificates.Renew("localhost", now.AddDays(-3), now.AddDays(-1));
                break;
            case "another host":
                host.Certificates.Renew("kms.other.example", TestCertificates.From, TestCertificates.To);
                break;
            case "stray certificate":
                await File.AppendAllTextAsync(
                    host.Certificates.CertificateFile,
                    "\n" + TestCertificates.Make("stray", TestCertificates.From, TestCertificates.To).Certificate,
                    TestContext.Current.CancellationToken);
                break;
            case "open key":
                File.SetUnixFileMode(host.Certificates.KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
                break;
            case "small key":
                host.Certificates.WriteSmallRsa();
                break;
            default:
                File.Delete(host.Certificates.KeyFile);
                break;
        }

        (await FindAsync(host, [])).Found.ShouldContain(fault => fault.Severity == FaultSeverity.Fault && fault.Option == option
            && fault.Problem.Contains(problem, StringComparison.Ordinal));
        Should.Throw<KmsException>(host.CreateApplication).Error.ShouldBe(KmsError.ConfigurationInvalid);
    }

    [Fact]
    public async Task A_certificate_near_its_end_is_a_warning_and_another_name_can_be_configured()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        host.Certificates.Renew("inner.test.example", TestCertificates.From, TimeProvider.System.GetUtcNow().AddDays(5));
        ConfigurationFaults found = await FindAsync(host, [("Kms:Tls:ServerName", "inner.test.example")]);
        found.Any.ShouldBeFalse(found.Describe());
        found.Found.ShouldContain(fault => fault.Severity == FaultSeverity.Warning && fault.Option == "Kms:Tls:CertificateFile");
    }

    [Fact]
    public async Task Faults_of_data_and_custody_have_the_numbers_of_a_start()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        byte[] key = await File.ReadAllBytesAsync(host.KeyFile, TestContext.Current.CancellationToken);
        key[0] ^= 1;
        await File.WriteAllBytesAsync(host.KeyFile, key, TestContext.Current.CancellationToken);
        // Together with a fault elsewhere: one does not hide the other.
        ConfigurationFaults found = await FindAsync(host, [("Kms:HistoryPeriods", "-1")]);
        found.Found.ShouldContain(fault => fault.Option == "Kms:Custody:KeyEncryptionKeyFile" && fault.Problem.Contains("60020"));
        Options(found).ShouldContain("Kms:HistoryPeriods");

        File.SetUnixFileMode(host.DataDirectory, File.GetUnixFileMode(host.DataDirectory) | UnixFileMode.OtherExecute);
        (await FindAsync(host, [])).Found.ShouldContain(
            fault => fault.Option == "Kms:DataDirectory" && fault.Problem.Contains("60003"));
    }

    [Fact]
    public async Task Ports_in_use_are_found_when_asked_for()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        (string, string?)[] taken = [("Kms:Listen:0", $"https://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}")];
        (await FindAsync(host, taken)).Any.ShouldBeFalse();
        Options(await FindAsync(host, taken, ports: true)).ShouldContain("Kms:Listen");
    }

    [Fact]
    public async Task Development_does_not_reach_production()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        Options(await FindAsync(host, [("environment", "Development")])).ShouldBe(["ASPNETCORE_ENVIRONMENT"]);
        Options(await FindAsync(host, [("environment", "Development"), ("Lab:Enabled",
            "true")])).ShouldNotContain("ASPNETCORE_ENVIRONMENT");
    }

    [Fact]
    public async Task No_fault_holds_an_identity_or_a_secret()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        ConfigurationFaults found = await FindAsync(host,
        [
            ("Kms:AssertedIdentity:Listen:0", "https://127.0.0.1:0"), ("Kms:AssertedIdentity:Peers:0:EntityUris:0",
            "mailto:secret@x"),
            ("Kms:DrainSeconds", "secret"),
        ]);
        found.Any.ShouldBeTrue();
        found.Describe().ShouldNotContain("secret");
    }

    [Fact]
    public async Task The_verb_prints_all_of_it_and_exits_with_1()
    {
        string server = Path.Combine(AppContext.BaseDirectory, "Watchword.Kms.Server.dll");
        (int code, byte[] output, string errors) = await Tool.RunAsync(
            "dotnet", server, "check-config", "--json", "--Kms:PublicBaseUrl", "http://kms", "--Kms:DrainSeconds", "-1",
            "--Kms:HistoryPeriods", "-1", "--Kms:OpeningWindowFraction", "1", "--Kms:OpeningWindowFraction", "2", "--Kms:Odd",
                "1");
        code.ShouldBe(1, errors);
        using JsonDocument report = JsonDocument.Parse(output);
        report.RootElement.GetProperty("valid").GetBoolean().ShouldBeFalse();
        string[] options = [.. report.RootElement.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("severity").GetString() == "fault")
            .Select(finding => finding.GetProperty("option").GetString()!)];
        foreach (string option in new[]
        {
            "Kms:DataDirectory", "Kms:Custody", "Kms:PublicBaseUrl", "Kms:Listen", "Kms:Tls:CertificateFile", "Kms:Tls:KeyFile",
            "Kms:DrainSeconds", "Kms:HistoryPeriods", "Kms:OpeningWindowFraction", "Kms:Odd", "Authorization:Audience",
            "Authorization:Issuers",
        })
        {
            options.ShouldContain(option);
        }
    }

    private static string[] Options(ConfigurationFaults found) =>
        [.. found.Found.Where(fault => fault.Severity == FaultSeverity.Fault).Select(fault => fault.Option)];

    private static Task<ConfigurationFaults> FindAsync(KmsHost host, (string Key, string? Value)[] changes, bool ports = false)
    {
        Dictionary<string, string?> settings = host.Settings();
        foreach ((string key, string? value) in changes)
        {
            settings[key] = value;
        }

        return ConfigurationCheck.FindAsync(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), ports, TimeProvider.System);
    }

    private static Dictionary<string, string> Files(KmsHost host) => Directory.GetFiles(host.DataDirectory)
        // The log of the database empties itself into it whenever a connection closes.
        .Where(file => !file.Contains("kms.db", StringComparison.Ordinal))
        .ToDictionary(file => file, file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
}
