using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword oidc-client list</c>.</summary>
internal sealed class ClientListCommand(Surroundings surroundings) : AdministrationCommand(
    "list", "list the OpenID Connect clients of the IdM server", surroundings)
{
    public override string Details => "Lists every client with its redirect URIs or entity URI.";

    public override IReadOnlyList<JsonField> Fields => ClientText.Fields("clients[].");

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<ClientView> clients = await client.GetAsync(
            AdministrationPaths.Clients, AdministrationJson.Default.IReadOnlyListClientView, cancellationToken);
        JsonObject machine = new() { ["clients"] = new JsonArray([.. clients.Select(ClientText.Json)]) };
        invocation.Report.Result(machine, human => human.Table(
            ["client", "kind", "redirect uris or entity uri", "scopes", "signed by"],
            clients.Select(row => (string[])
            [
                row.ClientId,
                row.Kind,
                row.EntityUri ?? string.Join(' ', row.RedirectUris),
                Printable.Number(row.Scopes.Count),
                row.SigningAlgorithm,
            ])));
    }
}
