namespace Watchword.Cli.Commands.Ue;

/// <summary><c>watchword ue up</c>: what a UE does when it is switched on, all of it.</summary>
internal sealed class UeUpCommand : CliCommand
{
    private readonly UeUpOptions options = new();

    public UeUpCommand(Surroundings surroundings)
        : base("up", "come up as a UE: every step from the initial configuration to group keys (TS 33.180 5.1)", surroundings) =>
        options.AddTo(this);

    public override string Details => """
        The steps of TS 33.180 5.1.1 and 5.1.3.1 in their order, each with its clause: initial configuration; log-in, if the
        profile has none that holds; HTTP proxy (C-1); KMS certificate and key sets (C-2); a token for each service; SIP
        registration; service authorisation by PUBLISH or, with `--register`, in the REGISTER (C-3); subscription to the
        configuration documents and the documents themselves (C-4); selected settings; subscription to the groups, their
        documents and keys (C-5). Signalling is protected with a CSK for each service, unless the initial configuration
        turns that off or `--clear` is given.

        What is refused to one service does not stop the others; the first failure decides the exit code. A document that is
        not provisioned is no failure. Without `--sip-proxy` what goes over SIP is left out.

        Servers, identities and what stands at the servers are kept in `ue.json` of the profile, so that the next `ue up`
        needs no options and refreshes what stands, as the same client. `ue down` ends it. The command ends when the script
        is done: notifications later on find nobody, and the next `ue up` fetches what changed.
        """;

    public override IReadOnlyList<JsonField> Fields =>
        [.. UeScript.Fields, new("refusedMessages", "number", "group key messages that were not taken")];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
            ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        UeScript script = new(invocation);
        try
        {
            UeContext? context = await new UeBootstrap(invocation, options, script).RunAsync(cancellationToken);
            using Session? session = context?.Session;
            if (context is not null)
            {
                await new UePowerOn(context, invocation, options).RunAsync(cancellationToken);
            }
        }
        finally
        {
            if (script.Steps.Count > 0)
            {
                script.Print();
            }
        }
    }
}
