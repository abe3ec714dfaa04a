using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword keys list</c>.</summary>
internal sealed class KeysListCommand(Surroundings surroundings) : CliCommand(
    "list", "list the key sets in the key store", surroundings)
{
    public override string Details => "Lists old, current and next key sets without their keys. An empty store is an empty list.";

    public override IReadOnlyList<JsonField> Fields => KeySetText.Fields("keySets[].");

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.NotLoggedIn, ExitCode.Locked];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        IReadOnlyList<KeySetInfo> keySets = session.Store.KeySets;
        JsonObject machine = KeySetText.Json(keySets, session.Store, invocation.Now);
        invocation.Report.Result(machine, human =>
        {
            if (keySets.Count == 0)
            {
                human.Line("no key sets; watchword keys get fetches them");
                return;
            }

            KeySetText.Table(human, keySets, session.Store, invocation.Now);
        });
    }
}
