using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword keys get</c>: KMS KeyProvision (TS 33.180 D.2.4).</summary>
internal sealed class KeysGetCommand : CliCommand
{
    private readonly Option<string?> uri = new("--uri")
    {
        Description = "only for this identity (default: every MC service ID with a key management scope)",
        HelpName = "URI",
    };
    private readonly Option<long?> periodNumber = new("--period-no")
    {
        Description = "for this key period (default: the current one)",
        HelpName = "N",
    };

    public KeysGetCommand(Surroundings surroundings)
        : base("get", "fetch key sets from the KMS (TS 33.180 D.2.4)", surroundings)
    {
        Add(uri);
        Add(periodNumber);
    }

    public override string Details => """
        Each key set is validated before it is kept: its UID is computed again, the signing key and the receiver key are
        held against the KMS certificate. Either all of an answer is kept or nothing. Old key sets stay as long as late
        messages may need them. The KMS gives out the current period, the next one once its opening window has begun,
        and past ones only as far as its history goes.
        """;

    public override IReadOnlyList<JsonField> Fields => KeySetText.Fields("keySets[].");

    public override IReadOnlyList<ExitCode> Failures =>
    [
        ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
        ExitCode.Malformed,
    ];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (invocation.Get(periodNumber) is < 0)
        {
            throw new CliException(ExitCode.Usage, "there is no such key period") { Clause = "TS 33.180 F.2.1" };
        }

        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        using KmClient client = session.CreateKmClient();
        IReadOnlyList<KeySetInfo> keySets = await client.ProvisionAsync(
            new KeyProvisionRequest { UserUri = invocation.Get(uri), PeriodNumber = invocation.Get(periodNumber) },
            cancellationToken);
        JsonObject machine = KeySetText.Json(keySets, session.Store, invocation.Now);
        invocation.Report.Result(machine, human => KeySetText.Table(human, keySets, session.Store, invocation.Now));
    }
}
