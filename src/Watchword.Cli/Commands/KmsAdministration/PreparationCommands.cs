using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary>Preparations in both languages.</summary>
internal static class PreparationText
{
    /// <summary>Members of a preparation.</summary>
    public static IReadOnlyList<JsonField> FieldsOf(string prefix) =>
    [
        new(prefix + "id", "number", "its number; 0 before it is begun"),
        new(prefix + "generation", "number", "the generation that will issue"),
        new(prefix + "periodNumber", "number", "the key period"),
        new(prefix + "periodBegins", "string, RFC 3339", "begin of the key period"),
        new(prefix + "source", "string", "`issued` or `listed`"),
        new(prefix + "state", "string", "`planned`, `running`, `stopped`, `finished`, `failed` or `erased`"),
        new(prefix + "total", "number", "identities of its source"),
        new(prefix + "done", "number", "identities gone through"),
        new(prefix + "leftOut", "number", "those of them that were left out"),
        new(prefix + "rate", "number", "identities a second", Optional: true),
        new(prefix + "estimatedEnd", "string, RFC 3339", "when it will have finished", Optional: true),
        new(prefix + "startedAt", "string, RFC 3339", "when it was begun", Optional: true),
        new(prefix + "updatedAt", "string, RFC 3339", "when something of it was last written", Optional: true),
        new(prefix + "fault", "number", "why it failed", Optional: true),
    ];

    /// <summary>Members of an act.</summary>
    public static IReadOnlyList<JsonField> ActFields { get; } =
    [
        new("dryRun", "boolean", "true if nothing was changed"),
        new("kmsUri", "string", "the security domain"),
        new("affected", "number", "identities that are not gone through yet"),
        .. FieldsOf("preparation."),
    ];

    /// <summary>One line of progress.</summary>
    public static string Progress(PreparationView one) =>
        $"{Printable.Number(one.Done)} of {Printable.Number(one.Total)} identities"
        + (one.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $", {rate:0} a second") : string.Empty)
        + (one.EstimatedEnd is { } end ? $", done by {Printable.Time(end)}" : string.Empty);

    /// <summary>The result of an act.</summary>
    public static void Report(Invocation invocation, PreparationActResult result) => invocation.Report.Result(
        (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.PreparationActResult)!,
        human =>
        {
            PreparationView one = result.Preparation;
            human.Fields(
            [
                ("domain", result.KmsUri),
                ("preparation", one.Id == 0 ? null : Printable.Number(one.Id)),
                ("generation", Printable.Number(one.Generation)),
                ("key period", $"{Printable.Number(one.PeriodNumber)}, begins {Printable.Time(one.PeriodBegins)}"),
                ("state", one.State),
                ("progress", Progress(one)),
                ("left out", one.LeftOut == 0 ? null : Printable.Number(one.LeftOut)),
                ("fault", one.Fault is { } fault ? Printable.Number(fault) : null),
            ]);
            if (result.DryRun)
            {
                human.Line($"affects {Printable.Number(result.Affected)} identities; nothing was changed");
            }
        });
}

/// <summary><c>watchword domain prepare-keys</c>.</summary>
internal sealed class DomainPrepareKeysCommand : KmsAdminCommand
{
    private const int PartsOfLine = 3;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Option<string> domain = DomainOption();
    private readonly Option<int?> generation = new("--generation")
    {
        Description = "the generation that will issue (default: the one after the current key period)", HelpName = "N",
    };

    private readonly Option<string?> list = new("--list")
    {
        Description = "whose keys: lines of issuer, subject and identity with tabs between (default: whoever was keyed in the "
            + "current key period)",
        HelpName = "FILE",
    };

    private readonly Option<bool> noWait = new("--no-wait") { Description = "order it and do not wait for its end" };
    private readonly Option<bool> dryRun = DryRunOption();

    public DomainPrepareKeysCommand(Surroundings surroundings)
        : base("prepare-keys", "have the keys of the next key period made before they are asked for", surroundings)
    {
        foreach (Option option in (Option[])[domain, generation, list, noWait, dryRun])
        {
            Add(option);
        }
    }

    public override string Details => """
        What is made is stored sealed, given out by the same checks as a fresh key, and erased with the right to it. One that was
        stopped or interrupted goes on where it was. Follows it to its end; to leave it, break off: it goes on. The KMS must be
        configured for it (Kms:Preparation:Enabled). Role: crypto officer.
        """;

    public override IReadOnlyList<JsonField> Fields => PreparationText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string kmsUri = invocation.Required(domain);
        PreparationActResult result = await client.PostAsync(
            Act(KmsAdminPaths.Preparations(kmsUri), invocation.Get(dryRun)),
            new StartPreparationRequest
            {
                Generation = invocation.Get(generation),
                Identities = invocation.Get(list) is { } path ? Read(path) : null,
            },
            KmsAdminJson.Default.StartPreparationRequest,
            KmsAdminJson.Default.PreparationActResult,
            cancellationToken);
        if (!result.DryRun && !invocation.Get(noWait))
        {
            result = await FollowAsync(invocation, client, kmsUri, result, cancellationToken);
        }

        PreparationText.Report(invocation, result);
        if (result.Preparation.State == "failed")
        {
            invocation.ExitCode = ExitCode.CheckFailed;
        }
    }

    private static async Task<PreparationActResult> FollowAsync(
        Invocation invocation, KmsAdminClient client, string kmsUri, PreparationActResult begun,
        CancellationToken cancellationToken)
    {
        PreparationView seen = begun.Preparation;
        while (seen.State == "running")
        {
            await Task.Delay(Look, invocation.Io.Clock, cancellationToken);
            IReadOnlyList<PreparationView> all;
            try
            {
                all = await client.GetAsync(
                    KmsAdminPaths.Preparations(kmsUri), KmsAdminJson.Default.IReadOnlyListPreparationView, cancellationToken);
            }
            catch (CliException refusal) when (refusal.ExitCode == ExitCode.NotLoggedIn)
            {
                invocation.Report.Warning("the access token has expired; the preparation goes on: watchword domain preparations");
                break;
            }

            seen = all.FirstOrDefault(one => one.Id == seen.Id)
                ?? throw new CliException(ExitCode.NotFound, "the KMS does not know the preparation any more");
            invocation.Report.Note(PreparationText.Progress(seen));
        }

        return new PreparationActResult
        {
            DryRun = false, KmsUri = begun.KmsUri, Affected = Math.Max(0, seen.Total - seen.Done), Preparation = seen,
        };
    }

    private static List<PreparedIdentityView> Read(string path)
    {
        List<PreparedIdentityView> identities = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            string[] parts = line.Split('\t');
            if (line.Length == 0)
            {
                continue;
            }

            if (parts.Length != PartsOfLine || parts.Any(part => part.Length == 0))
            {
                throw new CliException(
                    ExitCode.Malformed,
                    string.Create(
                        CultureInfo.InvariantCulture, $"line {number} is not issuer, subject and identity with tabs between"));
            }

            identities.Add(new PreparedIdentityView { Issuer = parts[0], Subject = parts[1], UserUri = parts[2] });
        }

        return identities;
    }
}

/// <summary><c>watchword domain preparations</c>.</summary>
internal sealed class DomainPreparationsCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();

    public DomainPreparationsCommand(Surroundings surroundings)
        : base("preparations", "show what was prepared ahead in a domain, with rate and estimated end", surroundings) =>
        Add(domain);

    public override string Details => "Role: crypto officer or auditor.";

    public override IReadOnlyList<JsonField> Fields => PreparationText.FieldsOf("preparations[].");

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<PreparationView> all = await client.GetAsync(
            KmsAdminPaths.Preparations(invocation.Required(domain)), KmsAdminJson.Default.IReadOnlyListPreparationView,
            cancellationToken);
        invocation.Report.Result(
            new JsonObject
            {
                ["preparations"] = JsonSerializer.SerializeToNode(all, KmsAdminJson.Default.IReadOnlyListPreparationView),
            },
            human => human.Table(
                ["preparation", "generation", "period", "begins", "source", "state", "progress"],
                all.Select(one => (IReadOnlyList<string>)
                [
                    Printable.Number(one.Id), Printable.Number(one.Generation), Printable.Number(one.PeriodNumber),
                    Printable.Time(one.PeriodBegins), one.Source, one.State, PreparationText.Progress(one),
                ])));
    }
}

/// <summary><c>watchword domain stop-preparing</c>.</summary>
internal sealed class DomainStopPreparingCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Argument<long> number = new("preparation") { HelpName = "N", Description = "number of the preparation" };
    private readonly Option<bool> dryRun = DryRunOption();

    public DomainStopPreparingCommand(Surroundings surroundings)
        : base("stop-preparing", "stop a preparation; what it has made stays, and it can be continued", surroundings)
    {
        Add(number);
        Add(domain);
        Add(dryRun);
    }

    public override string Details => "Role: crypto officer.";

    public override IReadOnlyList<JsonField> Fields => PreparationText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken) =>
        PreparationText.Report(invocation, await client.PostAsync(
            Act(
                KmsAdminPaths.Preparations(invocation.Required(domain), invocation.Required(number), "stop"),
                invocation.Get(dryRun)),
            new object(),
            KmsAdminJson.Default.Object,
            KmsAdminJson.Default.PreparationActResult,
            cancellationToken));
}
