using System.Text.Json.Nodes;

namespace Watchword.Cli.Commands.Login;

/// <summary><c>watchword logout</c>.</summary>
internal sealed class LogoutCommand(Surroundings surroundings) : CliCommand(
    "logout", "end the log-in of the profile; its keys stay", surroundings)
{
    public override string Details => """
        Drops all tokens from the profile and revokes the refresh token where the IdM server can (RFC 7009). Key sets
        stay and can be used until their key period ends. If the IdM server cannot be reached the tokens are dropped all
        the same.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("profile", "string", "name of the profile"),
        new("wasLoggedIn", "boolean", "true if there was a log-in to end"),
        new("revoked", "boolean", "true if the IdM server confirmed the revocation"),
    ];

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.NotLoggedIn, ExitCode.Locked];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        bool wasLoggedIn = session.Store.IsLoggedIn;
        bool revoked = wasLoggedIn && await session.Tokens.LogOutAsync(cancellationToken);
        if (wasLoggedIn && !revoked)
        {
            invocation.Report.Warning(
                "the IdM server did not confirm that the refresh token is revoked; the profile holds it no more");
        }

        invocation.Report.Result(
            new JsonObject { ["profile"] = session.Location.Name, ["wasLoggedIn"] = wasLoggedIn, ["revoked"] = revoked },
            human => human.Line(
                wasLoggedIn
                    ? $"profile {session.Location.Name} is logged out; its key sets stay"
                    : $"profile {session.Location.Name} was not logged in"));
    }
}
