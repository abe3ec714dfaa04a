using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword user list</c>.</summary>
internal sealed class UserListCommand(Surroundings surroundings) : AdministrationCommand(
    "list", "list the accounts of the IdM server", surroundings)
{
    public override string Details => "Lists every account with its MC service IDs.";

    public override IReadOnlyList<JsonField> Fields => AccountText.Fields("users[].");

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<AccountView> accounts = await client.GetAsync(
            AdministrationPaths.Accounts, AdministrationJson.Default.IReadOnlyListAccountView, cancellationToken);
        JsonObject machine = new() { ["users"] = new JsonArray([.. accounts.Select(AccountText.Json)]) };
        invocation.Report.Result(machine, human => human.Table(
            ["user", "mcptt id", "mcvideo id", "mcdata id", "administrator", "enabled"],
            accounts.Select(account => (string[])
            [
                account.UserName,
                account.McpttId ?? string.Empty,
                account.McvideoId ?? string.Empty,
                account.McdataId ?? string.Empty,
                account.Administrator ? "yes" : string.Empty,
                account.Enabled ? "yes" : "no",
            ])));
    }
}
