using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Watchword.Cli;
using Watchword.Client;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Lab;
using Watchword.Lab.Walk;

namespace Watchword.SystemTests;

/// <summary>A whole lab with its services and a SIP core, provisioned for UEs, whose servers' logs are kept.</summary>
public sealed class UeLab : IAsyncLifetime
{
    private readonly ServerLog _log = new();
    private RunningDomain? _domain;
    private LabDescription? _description;
    private LabDirectories? _directories;
    private LabProvisioning? _provisioning;

    internal ServerLog Log => _log;

    internal LabDescription Description => _description!;

    internal LabDirectories Directories => _directories!;

    internal LabServers Servers => _domain!.Servers;

    internal LabServices Services => _domain!.Services;

    internal LabProvisioning Provisioning => _provisioning!;

    public async ValueTask InitializeAsync()
    {
        _directories = new LabDirectories(TemporaryDirectory.Create());
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(_directories.Root, TimeProvider.System);
        LabPorts ports = LabPorts.FindFree();
        _description = await new LabSetup(_directories, ca, TimeProvider.System).PrepareAsync(ports, before: null, CancellationToken.None);
        _domain = await RunningDomain.StartAsync(
            LabSite.Home(_directories, ports, ca, TimeProvider.System) with { Log = _log }, _description, CancellationToken.None);
        _provisioning = new LabProvisioning(Servers, Services);
        await _provisioning.WriteAsync(_description, CancellationToken.None);
        await WaitForGroupKeyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _provisioning?.Dispose();
        await (_domain?.DisposeAsync() ?? ValueTask.CompletedTask);
        _log.Dispose();
        if (_directories is not null)
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(_directories.Root, recursive: true);
        }
    }

    /// <summary>Runs a line as it would be typed, with profiles below a directory of its own.</summary>
    internal static async Task<UeRun> RunAsync(string line, string home)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int redirect = Array.IndexOf(words, "<");
        string? input = redirect < 0 ? null : words[redirect + 1];
        IEnumerable<string> arguments = (redirect < 0 ? words : words[..redirect]).Skip(1);
        using TestConsole console = new(home, input);
        int exitCode = await WatchwordCommand.RunAsync([.. arguments, "--json"], console, TestContext.Current.CancellationToken);
        return new UeRun(exitCode, console.StandardOutput.ToString()!, console.StandardError.ToString()!);
    }

    /// <summary>The line that the lab prints for a UE, with another key file, and with what is said besides.</summary>
    internal string UpLine(string home, string more = "") =>
        LabCommands.ForUe(Description, Directories.Root).First()
            .Replace(Path.Combine(Directories.Root, "ue.key"), Path.Combine(home, "ue.key"), StringComparison.Ordinal)
            .Replace(" < ", $" {more} < ", StringComparison.Ordinal);

    /// <summary>How many rows of the services' database fulfil a condition.</summary>
    internal async Task<long> CountAsync(string table, string condition = "1")
    {
        await using SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(Directories.Services, "services.db"), Mode = SqliteOpenMode.ReadOnly, Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The words are of the tests.
        command.CommandText = $"SELECT COUNT(*) FROM {table} WHERE {condition}";
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until as many rows are there.</summary>
    internal async Task WaitForAsync(string table, long count)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (await CountAsync(table) != count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    /// <summary>Key sets that the KMS issued to an identity, by its audit.</summary>
    internal async Task<int> CountIssuedAsync(string identity)
    {
        int count = 0;
        using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.Sqlite(Directories.KmsDatabase), TimeProvider.System);
        await foreach (AuditRecord record in store.ReadAuditAsync(0, TestContext.Current.CancellationToken))
        {
            count += record.Entry.Kind == AuditKind.Outcome
                && (record.Entry.UserUri == identity || record.Entry.KeySets.Any(set => set.UserUri == identity)) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The group management server makes keys when it has its own; medic, a member, is told when.</summary>
    private async Task WaitForGroupKeyAsync()
    {
        string scratch = TemporaryDirectory.Create();
        try
        {
            using WalkProfile medic = await WalkProfile.CreateAsync(LabDomain.Medic, scratch, Servers, TimeProvider.System);
            _ = await medic.LogInAsync(Description.Users[LabDomain.Medic].Password, CancellationToken.None);
            _ = await medic.Keys.InitializeAsync(CancellationToken.None);
            _ = await medic.Keys.ProvisionAsync(cancellationToken: CancellationToken.None);
            using TlsTrust trust = TlsTrust.FromCaFile(Servers.CaFile);
            using XcapClient xcap = new(
                new XcapClientOptions { Root = Servers.Ports.GroupsRoot }, trust, medic.Tokens, TimeProvider.System);
            ServiceKeyExchange keys = new(
                medic.Store, TimeProvider.System, new ServiceKeyExchangeOptions { GroupManagementServers = [LabServices.GmsUri] });
            for (int attempt = 0; ; attempt++)
            {
                try
                {
                    if ((await new GroupClient(xcap).FetchKeysAsync(LabProvisioning.Group, keys)).Receipts.Count > 0)
                    {
                        return;
                    }
                }
                catch (WatchwordClientException) when (attempt < 240)
                {
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500));
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}

/// <summary>What a command said.</summary>
internal sealed record UeRun(int ExitCode, string Output, string Error)
{
    /// <summary>The steps: name and outcome.</summary>
    public IReadOnlyList<(string Name, string Outcome, string Result)> Steps => [.. JsonDocument.Parse(Output).RootElement
        .GetProperty("steps").EnumerateArray().Select(step => (
            step.GetProperty("name").GetString()!, step.GetProperty("outcome").GetString()!, step.GetProperty("result").GetString()!))];

    /// <summary>The names of the steps with an outcome.</summary>
    public string[] Of(string outcome) => [.. Steps.Where(step => step.Outcome == outcome).Select(step => step.Name)];

    /// <summary>What came of a step.</summary>
    public string ResultOf(string name) => Steps.Single(step => step.Name == name).Result;

    /// <summary>Everything that was said.</summary>
    public override string ToString() => $"exit {ExitCode}\n{Error}\n{Output}";
}
