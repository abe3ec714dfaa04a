using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword foreign-user list</c>.</summary>
internal sealed class ForeignUserListCommand(Surroundings surroundings) : AdministrationCommand(
    "list", "list the users of other domains who were given tokens here", surroundings)
{
    public override string Details => "The user who was given a token last comes first (TS 33.180 B.7).";

    public override IReadOnlyList<JsonField> Fields => ForeignUserText.Fields("users[].");

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<ForeignSubjectView> users = await client.GetAsync(
            AdministrationPaths.ForeignSubjects, AdministrationJson.Default.IReadOnlyListForeignSubjectView, cancellationToken);
        JsonObject machine = new() { ["users"] = new JsonArray([.. users.Select(ForeignUserText.Json)]) };
        invocation.Report.Result(machine, human => human.Table(
            ["user", "home idm", "subject", "last grant", "blocked"], users.Select(ForeignUserText.Row)));
    }
}
