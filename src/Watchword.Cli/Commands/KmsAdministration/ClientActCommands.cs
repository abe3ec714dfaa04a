using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary><c>watchword client list</c>.</summary>
internal sealed class ClientListKeysCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string?> user = new("--user-uri") { Description = "only of this identity", HelpName = "URI" };

    public ClientListKeysCommand(Surroundings surroundings)
        : base("list", "list the clients that the KMS has transport keys of", surroundings)
    {
        Add(domain);
        Add(user);
    }

    public override string Details => "By ids and fingerprint words, never a key. Role: user administrator or auditor.";

    public override IReadOnlyList<JsonField> Fields => EnrolmentText.FieldsOf("clients[].");

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        List<TransportKeyClientView> all = [];
        TransportKeyClientPage page;
        do
        {
            TransportKeyClientView? last = all.Count > 0 ? all[^1] : null;
            page = await client.PostAsync(
                KmsAdminPaths.Clients(invocation.Required(domain), "list"),
                new ListClientsRequest
                {
                    UserUri = invocation.Get(user), AfterUserUri = last?.UserUri, AfterClientId = last?.ClientId,
                },
                KmsAdminJson.Default.ListClientsRequest,
                KmsAdminJson.Default.TransportKeyClientPage,
                cancellationToken);
            all.AddRange(page.Clients);
        }
        while (page.HasMore);

        TransportKeyClientPage whole = new() { Clients = all, HasMore = false };
        JsonObject machine = (JsonObject)JsonSerializer.SerializeToNode(whole, KmsAdminJson.Default.TransportKeyClientPage)!;
        machine.Remove("hasMore");
        invocation.Report.Result(machine, human => human.Table(
            ["user", "client", "state", "last seen", "keys"],
            all.Select(one => (IReadOnlyList<string>)
            [
                one.UserUri, one.ClientId, one.State, one.LastSeenAt is { } seen ? Printable.Time(seen) : "never",
                string.Join(", ", one.Keys.Select(pair => $"{pair.TransportKeyId} ({pair.State})")),
            ])));
    }
}

/// <summary><c>watchword client rotate</c>.</summary>
internal sealed class ClientRotateCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string?> user = new("--user-uri") { Description = "the identity of one client", HelpName = "URI" };
    private readonly Option<string?> client = new("--client") { Description = "its ClientId", HelpName = "ID" };
    private readonly Option<bool> all = new("--all") { Description = "of every client" };
    private readonly Option<DateTimeOffset?> before = new("--created-before")
    {
        Description = "with --all: only keys that are older", HelpName = "TIME",
    };
    private readonly Option<bool> dryRun = DryRunOption();

    public ClientRotateCommand(Surroundings surroundings)
        : base("rotate", "have the transport keys of a client, or of all, replaced", surroundings)
    {
        foreach (Option option in (Option[])[domain, user, client, all, before, dryRun])
        {
            Add(option);
        }
    }

    public override string Details => """
        The next answer to the client delivers the new keys, wrapped under the old ones, which stay good until the client is seen
        using the new. Role: user administrator.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("dryRun", "boolean", "true if nothing was changed"),
        new("affectedClients", "number", "clients whose keys are replaced"),
        new("waitingClients", "number", "with --all: clients that have new keys on their way already", Optional: true),
        .. EnrolmentText.FieldsOf("client.").Select(member => member with { Optional = true }),
    ];

    protected override void Check(Invocation invocation)
    {
        bool one = invocation.Get(user) is not null && invocation.Get(client) is not null;
        if (one == invocation.Get(all) || (!one && (invocation.Get(user) ?? invocation.Get(client)) is not null))
        {
            throw new CliException(ExitCode.Usage, "name a client with --user-uri and --client, or all with --all");
        }
    }

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient admin, CancellationToken cancellationToken)
    {
        string kmsUri = invocation.Required(domain);
        if (!invocation.Get(all))
        {
            EnrolmentText.Report(
                invocation,
                await admin.PostAsync(
                    Act(KmsAdminPaths.Clients(kmsUri, "rotate"), invocation.Get(dryRun)),
                    new ClientRequest { UserUri = invocation.Get(user)!, ClientId = invocation.Get(client)! },
                    KmsAdminJson.Default.ClientRequest,
                    KmsAdminJson.Default.ClientActResult,
                    cancellationToken),
                "new keys are on their way");
            return;
        }

        RotateClientsResult result = await admin.PostAsync(
            Act(KmsAdminPaths.Clients(kmsUri, "rotate-all"), invocation.Get(dryRun)),
            new RotateClientsRequest { CreatedBefore = invocation.Get(before) },
            KmsAdminJson.Default.RotateClientsRequest,
            KmsAdminJson.Default.RotateClientsResult,
            cancellationToken);
        invocation.Report.Result(
            (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.RotateClientsResult)!,
            human => human.Line(
                $"{(result.DryRun ? "would affect" : "affects")} {result.AffectedClients} clients; "
                + $"{result.WaitingClients} have new keys on their way already"));
    }
}

/// <summary><c>watchword client revoke</c>.</summary>
internal sealed class ClientRevokeCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string> user = EnrolmentText.UserOption();
    private readonly Option<string> client = EnrolmentText.ClientOption();
    private readonly Option<string> reason = ReasonOption();
    private readonly Option<bool> release = new("--release")
    {
        Description = "let the identity ask without signature again, unless it has another client",
    };
    private readonly Option<bool> dryRun = DryRunOption();

    public ClientRevokeCommand(Surroundings surroundings)
        : base("revoke", "end the transport keys of a client", surroundings)
    {
        foreach (Option option in (Option[])[domain, user, client, reason, release, dryRun])
        {
            Add(option);
        }
    }

    public override string Details => """
        Without `--release` its identity stays one whose requests must be signed: a stolen client gains nothing by it. Role: user
        administrator.
        """;

    public override IReadOnlyList<JsonField> Fields => EnrolmentText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient admin, CancellationToken cancellationToken) =>
        EnrolmentText.Report(
            invocation,
            await admin.PostAsync(
                Act(KmsAdminPaths.Clients(invocation.Required(domain), invocation.Get(release) ? "release" : "revoke"), invocation.Get(dryRun)),
                new ClientRequest
                {
                    UserUri = invocation.Required(user),
                    ClientId = invocation.Required(client),
                    Reason = invocation.Required(reason),
                },
                KmsAdminJson.Default.ClientRequest,
                KmsAdminJson.Default.ClientActResult,
                cancellationToken),
            invocation.Get(release) ? "released" : "revoked");
}
