using System.CommandLine;
using Watchword.Cli.Profiles;

namespace Watchword.Cli.Commands.Ue;

/// <summary><c>watchword ue down</c>: undoes <c>ue up</c>.</summary>
internal sealed class UeDownCommand : CliCommand
{
    private readonly Option<bool> local = new("--local")
    {
        Description = "tell no server: wipe the CSKs and forget what stands, as for a UE that is lost to its servers",
    };

    public UeDownCommand(Surroundings surroundings)
        : base("down", "go down as a UE: end subscriptions, service authorisations and CSKs (TS 24.379 7.2.3)", surroundings) =>
        Add(local);

    public override string Details => """
        Ends the subscriptions, logs off from every service (PUBLISH with `Expires: 0`), ends the SIP registration, and wipes
        the CSKs. The log-in and the identity keys stay: `watchword logout` ends the log-in. What a server did not confirm
        stays noted, with its CSK, so that the command can be repeated; `--local` forgets it. Who the client is and where its
        servers are stays too.
        """;

    public override IReadOnlyList<JsonField> Fields =>
        [.. UeScript.Fields, new("refusedMessages", "number", "key messages that were not taken")];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
            ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        UeState state = UeState.Read(ProfileLocation.Find(invocation)) ?? throw new CliException(
            ExitCode.NotFound, "this profile has no UE") { Hint = "watchword ue up" };
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        UeScript script = new(invocation);
        UePowerOff off = new(new UeContext(session, state, initial: null, script, invocation.Io.Clock));
        try
        {
            if (invocation.Get(local))
            {
                await off.ForgetAsync();
            }
            else
            {
                await off.RunAsync(cancellationToken);
            }
        }
        finally
        {
            script.Print();
        }
    }
}
