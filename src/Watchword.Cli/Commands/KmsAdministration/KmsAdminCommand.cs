using System.CommandLine;
using Watchword.Cli.Administration;
using Watchword.Client;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary>A command over the admin API of the KMS by the profile's log-in, made with <c>login --kms-role</c>.</summary>
internal abstract class KmsAdminCommand : CliCommand
{
    private readonly Option<string?> url = new("--kms-admin")
    {
        Description = "https URL of the admin API of the KMS (default: that of the profile)",
        HelpName = "URL",
    };

    protected KmsAdminCommand(string name, string description, Surroundings surroundings)
        : base(name, description, surroundings) => Add(url);

    public override IReadOnlyList<ExitCode> Failures =>
    [
        ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
        ExitCode.Malformed,
    ];

    /// <summary>Makes <c>--dry-run</c>.</summary>
    protected static Option<bool> DryRunOption() => new("--dry-run")
    {
        Description = "have it checked, say whom it affects, and change nothing",
    };

    /// <summary>Makes <c>--domain</c>.</summary>
    protected static Option<string> DomainOption() => new("--domain")
    {
        Description = "KMS URI of the security domain",
        HelpName = "KMS-URI",
        Required = true,
    };

    /// <summary>Makes <c>--reason</c>.</summary>
    protected static Option<string> ReasonOption() => new("--reason")
    {
        Description = "why, for the audit log",
        HelpName = "TEXT",
        Required = true,
    };

    /// <summary>The path of an act, or of its dry run.</summary>
    protected static string Act(string path, bool isDryRun) =>
        isDryRun ? $"{path}?{KmsAdminPaths.DryRunParameter}=true" : path;

    protected sealed override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        Check(invocation);
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        if (invocation.Get(url) is { } given && given != session.Settings.KmsAdmin)
        {
            session.RememberKmsAdmin(given);
        }

        string address = session.Settings.KmsAdmin
            ?? throw new CliException(ExitCode.Usage, "this profile does not know the URL of the admin API of the KMS")
            {
                Hint = "give --kms-admin URL; later commands of this profile need it no more",
            };
        AccessToken token = await session.Tokens.GetAccessTokenAsync(AccessTokenTarget.KmsAdministration, cancellationToken);
        using KmsAdminClient client = new(address, session.Trust, token);
        try
        {
            await RunAsync(invocation, client, cancellationToken);
        }
        catch (CliException refusal) when (refusal.ExitCode == ExitCode.NotLoggedIn)
        {
            // The server did not take the token: the next command gets a new one.
            session.Tokens.Drop(AccessTokenTarget.KmsAdministration);
            throw;
        }
    }

    /// <summary>Checks what was given before anything is asked or sent.</summary>
    protected virtual void Check(Invocation invocation)
    {
    }

    /// <summary>Does the work.</summary>
    protected abstract Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken);
}
