using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.TransportKeys;

/// <summary><c>watchword client show</c>.</summary>
internal sealed class ClientShowCommand(Surroundings surroundings) : CliCommand(
    "show", "show which transport keys this client holds, by ids and fingerprint words", surroundings)
{
    public override string Details => """
        Two pairs are there while a new one of the KMS has not been proven by an answer yet. No option shows a key.
        """;

    public override IReadOnlyList<JsonField> Fields => TransportKeyText.Fields;

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.NotLoggedIn, ExitCode.Locked];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        IReadOnlyList<TransportKeyInfo> keys = session.Store.TransportKeys;
        invocation.Report.Result(new JsonObject { ["transportKeys"] = TransportKeyText.Json(keys) }, human =>
        {
            if (keys.Count == 0)
            {
                human.Line("no transport keys; watchword client import takes them over");
                return;
            }

            TransportKeyText.Human(human, keys);
        });
    }
}
