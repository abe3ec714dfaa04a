using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword user set-id</c>.</summary>
internal sealed class UserSetIdCommand : AdministrationCommand
{
    private readonly Argument<string> name = new("name") { HelpName = "NAME", Description = "log-in name of the account" };
    private readonly ServiceIdOptions ids;

    public UserSetIdCommand(Surroundings surroundings)
        : base("set-id", "set the MC service IDs of an account", surroundings)
    {
        Add(name);
        ids = new ServiceIdOptions(this, "; an empty value takes it away, no option leaves it as it is");
    }

    public override string Details =>
        "Tokens issued from now on carry the new IDs; tokens with an ID that is taken away are void at every resource server "
        + "that takes security events. An ID belongs to one account only.";

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("userName", "string", "log-in name"),
        new("mcpttId", "string", "MCPTT ID after the command", Optional: true),
        new("mcvideoId", "string", "MCVideo ID after the command", Optional: true),
        new("mcdataId", "string", "MCData ID after the command", Optional: true),
    ];

    protected override void Request(Invocation invocation)
    {
        if (ids.Read(invocation) is (null, null, null))
        {
            throw new CliException(ExitCode.Usage, "no MC service ID was given")
            {
                Hint = "give at least one of --mcptt-id, --mcvideo-id, --mcdata-id",
            };
        }
    }

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        string user = invocation.Required(name);
        IReadOnlyList<AccountView> accounts = await client.GetAsync(
            AdministrationPaths.Accounts, AdministrationJson.Default.IReadOnlyListAccountView, cancellationToken);
        AccountView old = accounts.FirstOrDefault(
            account => string.Equals(account.UserName, user, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException(ExitCode.Refused, $"there is no account {user}") { Hint = "watchword user list" };
        (string? mcptt, string? mcvideo, string? mcdata) = ids.Read(invocation);
        ServiceIds after = new()
        {
            McpttId = Merge(mcptt, old.McpttId),
            McvideoId = Merge(mcvideo, old.McvideoId),
            McdataId = Merge(mcdata, old.McdataId),
        };
        using ByteArrayContent content = new(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(after, AdministrationJson.Default.ServiceIds));
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        await client.SendAsync(HttpMethod.Put, AdministrationPaths.Ids(user), content, cancellationToken);
        Print(invocation, user, after);
    }

    private static void Print(Invocation invocation, string user, ServiceIds ids)
    {
        (string Name, string? Value)[] members =
            [("mcpttId", ids.McpttId), ("mcvideoId", ids.McvideoId), ("mcdataId", ids.McdataId)];
        JsonObject machine = new() { ["userName"] = user };
        foreach ((string member, string? value) in members.Where(member => member.Value is not null))
        {
            machine[member] = value;
        }

        invocation.Report.Result(machine, human => human.Fields(
        [
            ("user", user),
            ("mcptt id", ids.McpttId ?? "none"),
            ("mcvideo id", ids.McvideoId ?? "none"),
            ("mcdata id", ids.McdataId ?? "none"),
        ]));
    }

    private static string? Merge(string? given, string? old) => given is null ? old : given.Length == 0 ? null : given;
}
