using System.Runtime.Versioning;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The store of a server on PostgreSQL.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PostgreSqlTests(PostgreSqlCluster cluster) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-kms-pg-").FullName;

    private string ConnectionFile => Path.Combine(_directory, "connection");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Two_nodes_on_one_database_give_the_same_keys_and_write_one_log()
    {
        await WriteConnectionAsync(await cluster.CreateDatabaseAsync(Token), OwnerOnly);
        await using KmsHost host = KmsHost.With(
            ("Kms:Store:Provider", "PostgreSql"), ("Kms:Store:ConnectionStringFile", ConnectionFile));
        (await FaultAsync(host)).ShouldBe(KmsError.NoDomain);
        await KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, Token);
        (await Should.ThrowAsync<KmsException>(KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, Token)))
            .Error.ShouldBe(KmsError.DomainExists);
        await host.StartAgainAsync();
        await using WebApplication second = host.CreateApplication();
        await second.StartAsync(Token);
        using HttpClient client = host.Certificates.CreateClient(new Uri($"https://localhost:{new Uri(second.Urls.Single()).Port}"));
        using Answer here = await host.KeyProvAsync(host.Token());
        using Answer there = await KmsHost.SendAsync(client, AnnexDPaths.KeyProv(), host.Token());
        there.KeySets.Count.ShouldBe(3);
        there.KeySets.Select(KmsHost.SecretsOf).ShouldBe(here.KeySets.Select(KmsHost.SecretsOf));

        (AuditVerification found, _) = await KmsInitialization.VerifyAuditAsync(
            ["--data", host.DataDirectory, "--Kms:Store:Provider", "PostgreSql", "--Kms:Store:ConnectionStringFile", ConnectionFile]);
        (found.IsValid, found.Records, found.OpenIntents.Count).ShouldBe((true, 5, 0));
        File.Exists(Path.Combine(host.DataDirectory, "kms.db")).ShouldBeFalse();
        host.Log.ShouldAllBe(line => !line.Contains("Username=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PostgreSql", null, null)]
    [InlineData("PostgreSql", "both", "Host=x;Database=y;Password=hunter2")]
    [InlineData("PostgreSql", null, "Host=x;Password=hunter2")]
    [InlineData("PostgreSql", null, "hunter2")]
    [InlineData("PostgreSql", "open", null)]
    [InlineData("PostgreSql", "missing", null)]
    [InlineData("PostgreSql", "long", null)]
    [InlineData("Sqlite", null, "Host=x;Database=y;Password=hunter2")]
    [InlineData("Oracle", null, null)]
    [InlineData("7", null, null)]
    public async Task A_store_that_is_not_configured_right_is_refused_without_its_password(string provider, string? file, string? text)
    {
        if (file is "open" or "long")
        {
            await WriteConnectionAsync(
                file == "long" ? new string('x', 20_000) : "Host=x;Database=y;Password=hunter2",
                file == "open" ? OwnerOnly | UnixFileMode.GroupRead : OwnerOnly);
        }

        await using KmsHost host = KmsHost.WithoutDomain();
        Dictionary<string, string?> settings = host.Settings();
        settings["Kms:Store:Provider"] = provider;
        settings["Kms:Store:ConnectionString"] = text;
        settings["Kms:Store:ConnectionStringFile"] = file is null ? null : ConnectionFile;
        KmsException fault = Should.Throw<KmsException>(
            () => KmsSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        fault.Error.ShouldBe(KmsError.ConfigurationInvalid);
        fault.ToString().ShouldNotContain("hunter2");
    }

    private static async Task<KmsError> FaultAsync(KmsHost host)
    {
        await using WebApplication application = host.CreateApplication();
        return (await Should.ThrowAsync<KmsException>(application.StartAsync(Token))).Error;
    }

    private async Task WriteConnectionAsync(string text, UnixFileMode mode)
    {
        await File.WriteAllTextAsync(ConnectionFile, text + "\n", Token);
        File.SetUnixFileMode(ConnectionFile, mode);
    }
}
