using Watchword.Cli.Administration;
using Watchword.Client;

namespace Watchword.Cli.Commands.Administration;

/// <summary>A command over the admin API by the profile's log-in, which must have been made with <c>login --admin</c>.</summary>
internal abstract class AdministrationCommand(string name, string description, Surroundings surroundings) : CliCommand(
    name, description, surroundings)
{
    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.CheckFailed, ExitCode.Malformed];

    protected sealed override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        Request(invocation);
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        AccessToken token = await session.Tokens.GetAccessTokenAsync(AccessTokenTarget.IdmAdministration, cancellationToken);
        using AdministrationClient client = new(session.Settings.Idm, session.Trust, token);
        try
        {
            await RunAsync(invocation, client, cancellationToken);
        }
        catch (CliException refusal) when (refusal.ExitCode == ExitCode.NotLoggedIn)
        {
            // The server did not take the token: the next command gets a new one.
            session.Tokens.Drop(AccessTokenTarget.IdmAdministration);
            throw;
        }
    }

    /// <summary>Checks what was given before anything is asked or sent.</summary>
    protected virtual void Request(Invocation invocation)
    {
    }

    /// <summary>Does the work.</summary>
    protected abstract Task RunAsync(Invocation invocation, AdministrationClient client, CancellationToken cancellationToken);
}
