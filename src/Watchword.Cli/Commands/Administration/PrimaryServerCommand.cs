using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword primary-server list</c>.</summary>
internal sealed class PrimaryServerListCommand(Surroundings surroundings) : AdministrationCommand(
    "list", "list the IdM servers of other domains whose users are let in", surroundings)
{
    public override string Details => "Those that are configured, and those that are blocked (TS 33.180 B.7.4).";

    public override IReadOnlyList<JsonField> Fields => PrimaryServerStateCommand.FieldsOf("servers[].");

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<PrimaryServerView> servers = await client.GetAsync(
            AdministrationPaths.PrimaryServers, AdministrationJson.Default.IReadOnlyListPrimaryServerView, cancellationToken);
        JsonObject machine = new() { ["servers"] = new JsonArray([.. servers.Select(PrimaryServerStateCommand.Json)]) };
        invocation.Report.Result(machine, human => human.Table(
            ["issuer", "blocked"], servers.Select(server => (string[])[server.Issuer, server.Blocked ? "yes" : string.Empty])));
    }
}

/// <summary><c>watchword primary-server block</c> and <c>watchword primary-server unblock</c>.</summary>
internal sealed class PrimaryServerStateCommand : AdministrationCommand
{
    private readonly Argument<string> issuer = new("issuer") { HelpName = "ISSUER", Description = "its issuer, octet by octet" };

    private readonly bool block;

    public PrimaryServerStateCommand(bool block, Surroundings surroundings)
        : base(
            block ? "block" : "unblock",
            block ? "refuse the security tokens of an IdM server and end all tokens of its users" : "take the security tokens of a blocked IdM server again",
            surroundings)
    {
        this.block = block;
        Add(issuer);
    }

    public override string Details => block
        ? "Every resource server that takes security events refuses the access tokens of its users at once."
        : "Users of it who were blocked one by one stay blocked.";

    public override IReadOnlyList<JsonField> Fields => FieldsOf(string.Empty);

    /// <summary>Members of a server below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<JsonField> FieldsOf(string prefix) =>
    [
        new(prefix + "issuer", "string", "issuer of the IdM server"),
        new(prefix + "blocked", "boolean", "true if its security tokens are refused"),
    ];

    /// <summary>The server as JSON.</summary>
    public static JsonObject Json(PrimaryServerView server) => new() { ["issuer"] = server.Issuer, ["blocked"] = server.Blocked };

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        PrimaryServerView server = await client.SendAsync(
            HttpMethod.Post,
            AdministrationPaths.BlockPrimary(block),
            new PrimaryServerName { Issuer = invocation.Required(issuer) },
            AdministrationJson.Default.PrimaryServerName,
            AdministrationJson.Default.PrimaryServerView,
            cancellationToken);
        invocation.Report.Result(Json(server), human => human.Line($"{server.Issuer} is {(server.Blocked ? "blocked" : "let in")}"));
    }
}
