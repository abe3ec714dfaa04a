using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.TransportKeys;

/// <summary><c>watchword client remove</c>.</summary>
internal sealed class ClientRemoveCommand : CliCommand
{
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "only say what would be wiped" };

    public ClientRemoveCommand(Surroundings surroundings)
        : base("remove", "wipe the transport keys of this client", surroundings) => Add(dryRun);

    public override string Details => """
        Afterwards requests are not signed, and a KMS that has this client enrolled refuses them until keys are imported anew. Key
        sets that were fetched stay usable.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("removed", "boolean", "true if the keys listed were wiped; false with `--dry-run`, or if there were none"),
        .. TransportKeyText.Fields,
    ];

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.NotLoggedIn, ExitCode.Locked];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        IReadOnlyList<TransportKeyInfo> keys = session.Store.TransportKeys;
        bool removed = !invocation.Get(dryRun) && session.Store.RemoveTransportKeys();
        JsonObject machine = new() { ["removed"] = removed, ["transportKeys"] = TransportKeyText.Json(keys) };
        invocation.Report.Result(machine, human =>
        {
            human.Line(keys.Count == 0 ? "no transport keys" : removed ? "wiped:" : "would be wiped:");
            TransportKeyText.Human(human, keys);
        });
    }
}
