using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Watchword.Cli;
using Watchword.Cli.Commands;
using Watchword.Cli.Commands.KmsAdministration;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Lab;

namespace Watchword.SystemTests.KmsAdministration;

/// <summary>
/// A lab of its own whose KMS is administered with <c>watchword</c>: every command is one that a person types, runs against
/// listening servers, and answers JSON that has the documented fields. Remembers which commands went well.
/// </summary>
internal sealed class AdministeredLab : IAsyncDisposable
{
    private readonly LabServers _servers;
    private readonly HashSet<string> _done = [];
    private readonly HashSet<string> _tried = [];

    private AdministeredLab(LabDirectories directories, LabDescription description, LabServers servers)
    {
        Directories = directories;
        Description = description;
        _servers = servers;
    }

    public LabDirectories Directories { get; }

    public LabDescription Description { get; }

    /// <summary>Commands over the admin API, and those that judge what came out of it.</summary>
    public static IReadOnlyList<CliCommand> Commands { get; } =
    [
        .. Leaves(WatchwordCommand.CreateTree(new Surroundings(new TestConsole(string.Empty, null), new GlobalOptions())))
            .Where(command => command is KmsAdminCommand or AuditVerifyCommand),
    ];

    /// <summary>Those that went well.</summary>
    public IReadOnlySet<string> Done => _done;

    /// <summary>Those whose dry run changed nothing and said whom it affects.</summary>
    public IReadOnlySet<string> Tried => _tried;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<AdministeredLab> StartAsync()
    {
        LabDirectories directories = new(TemporaryDirectory.Create());
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(directories.Root, TimeProvider.System);
        LabPorts ports = LabPorts.FindFree();
        LabDescription description =
            await new LabSetup(directories, ca, TimeProvider.System).PrepareAsync(ports, before: null, Token);
        return new AdministeredLab(
            directories, description, await LabServers.StartAsync(directories, ports, ca, TimeProvider.System, Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _servers.DisposeAsync();
        Directory.Delete(Directories.Root, recursive: true);
    }

    /// <summary>A path in the lab's directory.</summary>
    public string PathOf(string name) => Path.Combine(Directories.Root, name);

    /// <summary>Logs an account in, into a profile of its name.</summary>
    public Task<JsonObject> LogInAsync(string user, params string[] options) => LogInIntoAsync(user, user, options);

    /// <summary>Logs an account in, into a profile of another name.</summary>
    public Task<JsonObject> LogInIntoAsync(string user, string profile, params string[] options) => RunAsync(
        profile,
        [
            "login", "--idm", Description.Idm, "--ca", Description.Ca, "--user", user, "--password-stdin",
            "--new-key-file", PathOf(profile + ".profile-key"), .. options,
        ],
        Directories.Password(user));

    /// <summary>Logs an official in for his role.</summary>
    public Task<JsonObject> LogInOfficialAsync(string user) =>
        LogInAsync(user, "--kms-role", Description.Users[user].KmsRole!, "--kms-admin", Description.KmsAdmin);

    /// <summary>Runs a command that goes well.</summary>
    public async Task<JsonObject> RunAsync(string profile, string[] arguments, string? input = null)
    {
        (int code, JsonObject result, string errors) = await ExecuteAsync(profile, arguments, input);
        code.ShouldBe(0, $"{string.Join(' ', arguments)}\n{result}\n{errors}");
        _done.Add(NameOf(arguments));
        return result;
    }

    /// <summary>Runs a command that fails with this exit code; gives the error.</summary>
    public async Task<JsonObject> FailAsync(string profile, ExitCode expected, string[] arguments, string? input = null)
    {
        (int code, JsonObject result, _) = await ExecuteAsync(profile, arguments, input);
        code.ShouldBe((int)expected, $"{string.Join(' ', arguments)}\n{result}");
        return (JsonObject)(result["error"] ?? result);
    }

    /// <summary>
    /// Runs it dry, which changes nothing (every act is in the audit log, so a log that did not grow says so), then in earnest.
    /// </summary>
    /// <param name="profile">The profile.</param>
    /// <param name="count">Path of the member that counts whom it affects.</param>
    /// <param name="arguments">The command without <c>--dry-run</c>.</param>
    public async Task<JsonObject> TryThenRunAsync(string profile, string count, params string[] arguments)
    {
        IReadOnlyList<AuditRecord> before = await AuditAsync();
        JsonObject dry = await RunAsync(profile, [.. arguments, "--dry-run"]);
        ((bool)dry["dryRun"]!).ShouldBeTrue();
        JsonNode? found = dry;
        foreach (string step in count.Split('.'))
        {
            found = found![step];
        }

        found.ShouldNotBeNull($"{count} in {dry}");
        (await AuditAsync()).Count.ShouldBe(before.Count);
        _tried.Add(NameOf(arguments));
        JsonObject done = await RunAsync(profile, arguments);
        ((bool)done["dryRun"]!).ShouldBeFalse();
        (await AuditAsync()).Count.ShouldBeGreaterThan(before.Count);
        return done;
    }

    /// <summary>What the command writes on a terminal, for people.</summary>
    public async Task<string> ShowAsync(string profile, params string[] arguments)
    {
        using TestConsole console = new(Directories.Profiles, null, isTerminal: true);
        int code = await WatchwordCommand.RunAsync([.. arguments, "--profile", profile], console, Token);
        code.ShouldBe(0, console.StandardError.ToString());
        return console.StandardOutput.ToString()!;
    }

    /// <summary>The audit log as it is.</summary>
    public async Task<IReadOnlyList<AuditRecord>> AuditAsync()
    {
        using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.Sqlite(Directories.KmsDatabase), TimeProvider.System);
        List<AuditRecord> records = [];
        await foreach (AuditRecord record in store.ReadAuditAsync(0, Token))
        {
            records.Add(record);
        }

        return records;
    }

    /// <summary>Waits until the KMS has heard of all that happened at the IdM server.</summary>
    public Task WaitForEventsAsync() => _servers.WaitForEventsAsync(Token);

    /// <summary>Runs a program; gives what it wrote.</summary>
    public static async Task<byte[]> ExecuteAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Token);
        using MemoryStream output = new();
        await process.StandardOutput.BaseStream.CopyToAsync(output, Token);
        await process.WaitForExitAsync(Token);
        process.ExitCode.ShouldBe(0, await errors);
        return output.ToArray();
    }

    private async Task<(int Code, JsonObject Result, string Errors)> ExecuteAsync(
        string profile, string[] arguments, string? input)
    {
        using TestConsole console = new(Directories.Profiles, input);
        string[] whole = [.. arguments, "--profile", profile, "--json"];
        int code = await WatchwordCommand.RunAsync(whole, console, Token);
        JsonObject result = JsonNode.Parse(console.StandardOutput.ToString()!).ShouldBeOfType<JsonObject>();
        JsonShape.Check(console, whole, code, result);
        return (code, result, console.StandardError.ToString()!);
    }

    /// <summary>The full name of the command that a command line names.</summary>
    public static string NameOf(string[] arguments)
    {
        using TestConsole console = new(string.Empty, null);
        return UsageError.FullName(JsonShape.Command(console, arguments));
    }

    private static IEnumerable<CliCommand> Leaves(Command command) =>
        command.Subcommands.SelectMany(Leaves).Concat(command is CliCommand leaf ? [leaf] : []);
}
