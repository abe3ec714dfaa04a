using System.Runtime.Versioning;
using Microsoft.AspNetCore.Builder;
using Watchword.KeyManagement;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>Where the custody documents of nodes on one PostgreSQL are.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CustodyInDatabaseTests(PostgreSqlCluster cluster) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-kms-custody-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_fresh_installation_keeps_them_in_the_database_and_a_node_needs_no_copy()
    {
        await using KmsHost host = KmsHost.With(await StoreAsync());
        await KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, Token);
        FilesOf(host).ShouldBeEmpty();
        await host.StartAgainAsync();

        // Another node: its own empty data directory, the same key-encryption key and database.
        string elsewhere = Directory.CreateDirectory(Path.Combine(_directory, "node"), OwnerOnly).FullName;
        host.Change("Kms:DataDirectory", elsewhere);
        await using WebApplication second = host.CreateApplication();
        await second.StartAsync(Token);
        using HttpClient client = host.Certificates.CreateClient(
            new Uri($"https://localhost:{new Uri(second.Urls.Single()).Port}"));
        using Answer here = await host.KeyProvAsync(host.Token());
        using Answer there = await KmsHost.SendAsync(client, AnnexDPaths.KeyProv(), host.Token());
        there.KeySets.Count.ShouldBe(3);
        there.KeySets.Select(KmsHost.SecretsOf).ShouldBe(here.KeySets.Select(KmsHost.SecretsOf));
    }

    [Fact]
    public async Task Files_are_moved_into_it_and_while_they_are_in_both_places_nothing_is_guessed()
    {
        (string, string?)[] store = await StoreAsync();
        await using KmsHost host = KmsHost.With([.. store, ("Kms:Custody:Documents", "Directory")]);
        await KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, Token);
        FilesOf(host).Length.ShouldBe(4);
        string[] line =
        [
            "--data", host.DataDirectory, "--kek-file", host.KeyFile, .. store.Select(pair => $"--{pair.Item1}={pair.Item2}"),
        ];

        await VerbAsync(["custody", "move-to-database", .. line]);
        FilesOf(host).Length.ShouldBe(4);
        (await FailedVerbAsync(["custody", "status", .. line])).ShouldContain("in the database: write Kms:Custody:Documents");
        (await VerbAsync(["custody", "status", .. line, "--Kms:Custody:Documents=Database"])).ShouldContain("4 documents");

        string moved = await VerbAsync(["custody", "move-to-database", .. line, "--remove"]);
        moved.ShouldContain("all 4 of the database open");
        FilesOf(host).ShouldBeEmpty();
        (await VerbAsync(["custody", "status", .. line])).ShouldContain("4 documents");
    }

    [Fact]
    public async Task A_node_that_finds_documents_nowhere_makes_none()
    {
        (string, string?)[] store = await StoreAsync();
        await using KmsHost host = KmsHost.With([.. store, ("Kms:Custody:Documents", "Directory")]);
        await KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, Token);
        string elsewhere = Directory.CreateDirectory(Path.Combine(_directory, "node"), OwnerOnly).FullName;
        host.Change("Kms:DataDirectory", elsewhere);
        host.Change("Kms:Custody:Documents", "Automatic");
        await using WebApplication second = host.CreateApplication();
        (await Should.ThrowAsync<KmsException>(second.StartAsync(Token))).Error.ShouldBe(KmsError.CustodyDocumentMissing);
        Directory.GetFiles(elsewhere).ShouldBeEmpty();
    }

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private async Task<(string, string?)[]> StoreAsync() =>
    [
        ("Kms:Store:Provider", "PostgreSql"), ("Kms:Store:ConnectionString", await cluster.CreateDatabaseAsync(Token)),
    ];

    private static string[] FilesOf(KmsHost host) => Directory.GetFiles(host.DataDirectory, "custody-*");

    private static async Task<string> VerbAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        (await KmsCommands.RunAsync(arguments, output, errors)).ShouldBe(0, errors.ToString());
        return output.ToString();
    }

    private static async Task<string> FailedVerbAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        (await KmsCommands.RunAsync(arguments, output, errors)).ShouldBe(1);
        return errors.ToString();
    }
}
