using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Watchword.Cli.Commands;
using Watchword.Cli.Commands.Administration;
using Watchword.Cli.Commands.Keys;
using Watchword.Cli.Commands.KmsAdministration;
using Watchword.Cli.Commands.Login;
using Watchword.Cli.Commands.Mikey;
using Watchword.Cli.Commands.TransportKeys;
using Watchword.Cli.Commands.Ue;

namespace Watchword.Cli;

/// <summary>The entry point: parses, runs, and turns every failure into an exit code and a message.</summary>
public static class WatchwordCommand
{
    /// <summary>Runs the command with <paramref name="args"/>; gives the exit code (<see cref="ExitCode"/>).</summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, IConsoleIo io, CancellationToken cancellationToken = default)
    {
        GlobalOptions options = new();
        RootCommand root = CreateTree(new Surroundings(io, options));

        // No response files: an argument that begins with @ is that argument.
        ParseResult parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        Reporter report = new(io, args.Contains("--json", StringComparer.Ordinal));
        if (parse.Errors.Count > 0 && parse.Action is not HelpAction)
        {
            return report.Failure(UsageError.From(parse));
        }

        InvocationConfiguration invocation = new()
        {
            Output = io.StandardOutput,
            Error = io.StandardError,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            return await parse.InvokeAsync(invocation, cancellationToken);
        }
        catch (Exception exception)
        {
            return report.Failure(Failures.Explain(exception));
        }
    }

    /// <summary>The tree of commands; the documentation is made from it.</summary>
    internal static RootCommand CreateTree(Surroundings surroundings)
    {
        RootCommand root = new("watchword: log in at an IdM server, fetch identity keys from a KMS, and use them (TS 33.180)");
        foreach (Option option in surroundings.Options.All)
        {
            root.Add(option);
        }

        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        root.Add(new LoginCommand(surroundings));
        root.Add(new LogoutCommand(surroundings));
        root.Add(Group("token", "look at the tokens of the profile", new TokenShowCommand(surroundings)));
        root.Add(Group(
            "kms",
            "the KMS of the profile",
            new KmsInitCommand(surroundings),
            new KmsCertCacheCommand(surroundings),
            new KmsCertCommand(surroundings),
            new KmsLookupCommand(surroundings)));
        root.Add(Group(
            "client",
            "transport keys: of this client, and at the KMS those of all",
            new ClientImportCommand(surroundings),
            new ClientShowCommand(surroundings),
            new ClientRemoveCommand(surroundings),
            new ClientEnrolCommand(surroundings),
            new ClientExportCommand(surroundings),
            new ClientListKeysCommand(surroundings),
            new ClientRotateCommand(surroundings),
            new ClientRevokeCommand(surroundings)));
        AddKmsAdministration(root, surroundings);
        root.Add(Group(
            "keys",
            "fetch, list and check key sets",
            new KeysGetCommand(surroundings),
            new KeysListCommand(surroundings),
            new KeysInspectCommand(surroundings),
            new KeysVerifyCommand(surroundings),
            new KeysRenewCommand(surroundings)));
        root.Add(Group("ue", "be a UE", new UeUpCommand(surroundings), new UeDownCommand(surroundings)));
        root.Add(new UidCommand(surroundings));
        root.Add(Group(
            "mikey",
            "make, open and explain MIKEY messages",
            new MikeyCreateCommand(surroundings),
            new MikeyOpenCommand(surroundings),
            new MikeyDecodeCommand(surroundings)));
        root.Add(Group(
            "admin",
            "take an IdM server into administration, and say who administrates the KMS",
            new EnrollCommand(surroundings),
            Group(
                "role",
                "roles at the admin API of the KMS",
                new RoleCommand(grant: true, surroundings),
                new RoleCommand(grant: false, surroundings))));
        root.Add(Group(
            "user",
            "manage the accounts of the IdM server",
            new UserAddCommand(surroundings),
            new UserStateCommand(enable: false, surroundings),
            new UserStateCommand(enable: true, surroundings),
            new UserSetIdCommand(surroundings),
            new UserRemoveCommand(surroundings),
            new UserImportCommand(surroundings),
            new UserListCommand(surroundings)));
        root.Add(Group(
            "foreign-user",
            "users of other domains at the IdM server",
            new ForeignUserListCommand(surroundings),
            new ForeignUserStateCommand(block: true, surroundings),
            new ForeignUserStateCommand(block: false, surroundings)));
        root.Add(Group(
            "primary-server",
            "IdM servers of other domains, whose users are let in",
            new PrimaryServerListCommand(surroundings),
            new PrimaryServerStateCommand(block: true, surroundings),
            new PrimaryServerStateCommand(block: false, surroundings)));
        root.Add(Group(
            "oidc-client",
            "manage the OpenID Connect clients of the IdM server",
            new ClientAddCommand(surroundings),
            new ClientListCommand(surroundings)));
        return root;
    }

    private static void AddKmsAdministration(RootCommand root, Surroundings surroundings)
    {
        root.Add(Group(
            "domain",
            "the life of the KMS certificates of a security domain",
            new DomainListCommand(surroundings),
            new DomainShowCommand(surroundings),
            new DomainPrepareCommand(surroundings),
            new DomainActivateCommand(surroundings),
            new DomainEndCommand(revoke: false, surroundings),
            new DomainEndCommand(revoke: true, surroundings),
            new DomainPrepareKeysCommand(surroundings),
            new DomainPreparationsCommand(surroundings),
            new DomainStopPreparingCommand(surroundings)));
        root.Add(Group(
            "partner",
            "KMS certificates of other security domains",
            new PartnerImportCommand(surroundings),
            new PartnerApproveCommand(surroundings),
            new PartnerRevokeCommand(surroundings),
            new PartnerListCommand(surroundings),
            new PartnerHistoryCommand(surroundings)));
        root.Add(Group(
            "audit",
            "the audit log of the KMS",
            new AuditExportCommand(surroundings),
            new AuditVerifyCommand(surroundings),
            new AuditQueryCommand(surroundings),
            new AuditCheckpointCommand(surroundings)));
        root.Add(Group(
            "backup", "backups of the KMS", new BackupCreateCommand(surroundings), new BackupVerifyCommand(surroundings)));
        root.Add(Group(
            "custody",
            "what the KMS keeps in custody",
            new CustodyStatusCommand(surroundings),
            new CustodyRewrapCommand(surroundings)));
    }

    private static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        Command group = new(name, description);
        foreach (Command command in commands)
        {
            group.Add(command);
        }

        return group;
    }

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            string? version = typeof(WatchwordCommand).Assembly
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            parseResult.InvocationConfiguration.Output.WriteLine($"watchword {version}");
            return (int)ExitCode.Success;
        }
    }
}
