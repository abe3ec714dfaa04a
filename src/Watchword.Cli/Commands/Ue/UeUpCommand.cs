using System.CommandLine;
using System.Text.Json.Nodes;

namespace Watchword.Cli.Commands.Ue;

/// <summary><c>watchword ue up</c>: what a UE does over HTTP after its log-in.</summary>
internal sealed class UeUpCommand : CliCommand
{
    private readonly Option<string> configRoot = new("--config-root")
    {
        Description = "https XCAP root of the configuration management server",
        HelpName = "URL",
        Required = true,
    };

    private readonly Option<string?> groupRoot = new("--group-root")
    {
        Description = "https XCAP root of the group management server (default: that of the initial configuration)",
        HelpName = "URL",
    };

    private readonly Option<string?> groupServer = new("--group-server")
    {
        Description = "URI of the group management server, whose group keys are taken (default: GMS-URI of the initial configuration)",
        HelpName = "URI",
    };

    private readonly Option<string> ue = new("--ue")
    {
        Description = "UE ID, in whose directory the initial configuration is",
        HelpName = "URN",
        Required = true,
    };

    private readonly Option<string?> kms = new("--kms")
    {
        Description = "https URL of the KMS (default: that of the profile, else of the initial configuration); kept",
        HelpName = "URL",
    };

    private readonly Option<string?> httpProxy = ConnectionOptions.HttpProxy();

    private readonly Option<string[]> groups = new("--group")
    {
        Description = "group to fetch besides those of the user profiles; may be given several times",
        HelpName = "URI",
    };

    public UeUpCommand(Surroundings surroundings)
        : base("up", "fetch configuration, identity keys, groups and group keys (TS 33.180 5.1)", surroundings)
    {
        Add(configRoot);
        Add(ue);
        Add(groupRoot);
        Add(groupServer);
        Add(kms);
        Add(httpProxy);
        Add(groups);
    }

    public override string Details => """
        For a profile that is logged in. Fetches the initial configuration without a token, the KMS certificate and key
        sets, for each service of the user the UE configuration, user profile and service configuration, then the group
        documents and group keys of the groups in the user profiles. A document that is not provisioned is said so; any
        other refusal ends the command. Service authorisation by SIP is not part of it.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("steps[].name", "string", "name of the step"),
        new("steps[].clause", "string", "where the step is specified"),
        new("steps[].result", "string", "what came of it"),
        new("refusedMessages", "number", "group key messages that were not taken"),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
            ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        if (invocation.Get(httpProxy) is { } proxy)
        {
            session.RememberHttpProxy(proxy);
        }

        UeWalk walk = new(session, invocation.Io.Clock, new UeServers(
            invocation.Required(configRoot), invocation.Required(ue), invocation.Get(groupRoot), invocation.Get(groupServer),
            invocation.Get(kms)));
        await walk.RunAsync(invocation.Get(groups) ?? [], cancellationToken);
        if (walk.RefusedMessages > 0)
        {
            invocation.Report.Warning($"{Printable.Number(walk.RefusedMessages)} group key messages were not taken");
            invocation.ExitCode = ExitCode.CheckFailed;
        }

        invocation.Report.Result(
            new JsonObject
            {
                ["steps"] = new JsonArray(
                [
                    .. walk.Steps.Select(step => (JsonNode)new JsonObject
                    {
                        ["name"] = step.Name, ["clause"] = step.Clause, ["result"] = step.Result,
                    }),
                ]),
                ["refusedMessages"] = walk.RefusedMessages,
            },
            human => human.Table(
                ["step", "clause", "result"], walk.Steps.Select(step => (string[])[step.Name, step.Clause, step.Result])));
    }
}
