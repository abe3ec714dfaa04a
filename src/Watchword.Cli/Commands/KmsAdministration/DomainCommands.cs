using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary>Domains and generations in both languages.</summary>
internal static class GenerationText
{
    /// <summary>Makes the argument of a generation.</summary>
    public static Argument<int> NumberArgument() => new("generation") { HelpName = "N", Description = "number of the generation" };

    /// <summary>Members of a generation.</summary>
    public static IReadOnlyList<JsonField> FieldsOf(string prefix) =>
    [
        new(prefix + "generation", "number", "its number"),
        new(prefix + "secretsGeneration", "number", "number of the generation whose master secrets it uses"),
        new(prefix + "state", "string", "`prepared`, `active`, `tainted` or `revoked`"),
        new(prefix + "certUri", "string", "names the KMS certificate", Optional: true),
        new(prefix + "periodSeconds", "number", "length of a key period"),
        new(prefix + "offsetSeconds", "number", "offset of the key periods"),
        new(prefix + "validFrom", "string, RFC 3339", "begin of its validity", Optional: true),
        new(prefix + "validTo", "string, RFC 3339", "end of its validity", Optional: true),
        new(prefix + "createdAt", "string, RFC 3339", "when it was made"),
        new(prefix + "stateChangedAt", "string, RFC 3339", "since when it is in its state"),
        new(prefix + "fingerprint", "string", "fingerprint of the KMS certificate"),
        new(prefix + "fault", "number", "why the node cannot issue from it", Optional: true),
    ];

    /// <summary>Members of whom an act concerns.</summary>
    public static IReadOnlyList<JsonField> ReachFields { get; } =
    [
        new("reach.keyedIdentities", "number", "identities with keys of it for this or a later period", Optional: true),
        new("reach.requesters", "number", "requesters who were keyed lately", Optional: true),
        new("reach.requestersHolding", "number", "those whose clients hold its KMS certificate", Optional: true),
    ];

    /// <summary>Members of an act.</summary>
    public static IReadOnlyList<JsonField> ActFields { get; } =
    [
        new("dryRun", "boolean", "true if nothing was changed"),
        new("kmsUri", "string", "the security domain"),
        .. FieldsOf("generation."),
        .. ReachFields,
    ];

    /// <summary>Domains as a table of their generations.</summary>
    public static void Table(HumanWriter human, IEnumerable<DomainView> domains) => human.Table(
        ["domain", "generation", "secrets", "state", "valid from", "valid to", "period", "fault"],
        domains.SelectMany(domain => domain.Generations.Select(generation => (IReadOnlyList<string>)
        [
            domain.KmsUri + (domain.IsServed ? string.Empty : " (not served)"),
            Printable.Number(generation.Generation),
            Printable.Number(generation.SecretsGeneration),
            generation.State,
            generation.ValidFrom is { } from ? Printable.Time(from) : "always",
            generation.ValidTo is { } to ? Printable.Time(to) : "for ever",
            $"{Printable.Number(generation.PeriodSeconds)} s",
            generation.Fault is { } fault ? Printable.Number(fault) : string.Empty,
        ])));

    /// <summary>The result of an act.</summary>
    public static void Report(Invocation invocation, GenerationActResult result) => invocation.Report.Result(
        (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.GenerationActResult)!,
        human =>
        {
            human.Fields(
            [
                ("domain", result.KmsUri),
                ("generation", Printable.Number(result.Generation.Generation)),
                ("state", result.Generation.State),
                ("valid from", result.Generation.ValidFrom is { } from ? Printable.Time(from) : null),
                ("valid to", result.Generation.ValidTo is { } to ? Printable.Time(to) : null),
                ("fingerprint", result.Generation.Fingerprint),
            ]);
            if (result.Reach is { } reach)
            {
                human.Line(
                    $"affects {reach.KeyedIdentities} keyed identities; {reach.RequestersHolding} of {reach.Requesters} "
                    + "requesters keyed lately hold its KMS certificate");
            }

            if (result.DryRun)
            {
                human.Line("nothing was changed");
            }
        });
}

/// <summary><c>watchword domain list</c>.</summary>
internal sealed class DomainListCommand(Surroundings surroundings) : KmsAdminCommand(
    "list", "list the security domains of the KMS with their generations", surroundings)
{
    public override string Details => "Any role.";

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("domains[].kmsUri", "string", "the KMS URI"),
        new("domains[].isServed", "boolean", "true if this node serves it"),
        .. GenerationText.FieldsOf("domains[].generations[]."),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainView> domains = await client.GetAsync(
            KmsAdminPaths.Domains, KmsAdminJson.Default.IReadOnlyListDomainView, cancellationToken);
        invocation.Report.Result(
            new JsonObject { ["domains"] = JsonSerializer.SerializeToNode(domains, KmsAdminJson.Default.IReadOnlyListDomainView) },
            human => GenerationText.Table(human, domains));
    }
}

/// <summary><c>watchword domain show</c>.</summary>
internal sealed class DomainShowCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Argument<int> number = GenerationText.NumberArgument();

    public DomainShowCommand(Surroundings surroundings)
        : base("show", "show one generation, and whom an act on it would concern", surroundings)
    {
        Add(domain);
        Add(number);
    }

    public override string Details => """
        Look at it before a prepared generation is activated: it says how many of the requesters who were keyed lately hold the
        new KMS certificate already. Any role.
        """;

    public override IReadOnlyList<JsonField> Fields => [.. GenerationText.FieldsOf(string.Empty), .. GenerationText.ReachFields];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string kmsUri = invocation.Required(domain);
        GenerationView view = await client.GetAsync(
            KmsAdminPaths.Generation(kmsUri, invocation.Required(number)), KmsAdminJson.Default.GenerationView, cancellationToken);
        invocation.Report.Result(
            (JsonObject)JsonSerializer.SerializeToNode(view, KmsAdminJson.Default.GenerationView)!,
            human => human.Fields(
            [
                ("domain", kmsUri),
                ("generation", Printable.Number(view.Generation)),
                ("state", $"{view.State} since {Printable.Time(view.StateChangedAt)}"),
                ("valid from", view.ValidFrom is { } from ? Printable.Time(from) : null),
                ("valid to", view.ValidTo is { } to ? Printable.Time(to) : null),
                ("fingerprint", view.Fingerprint),
                ("keyed identities", view.Reach is { } keyed ? Printable.Number(keyed.KeyedIdentities) : null),
                ("hold the certificate", view.Reach is { } reach ? $"{reach.RequestersHolding} of {reach.Requesters} requesters" : null),
            ]));
    }
}

/// <summary><c>watchword domain prepare</c>.</summary>
internal sealed class DomainPrepareCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Option<bool> newSecrets = new("--new-secrets") { Description = "with master secrets of its own" };
    private readonly Option<long?> period = new("--period") { Description = "length of its key periods", HelpName = "SECONDS" };
    private readonly Option<long?> offset = new("--offset") { Description = "offset of its key periods", HelpName = "SECONDS" };
    private readonly Option<string?> certUri = new("--cert-uri") { Description = "names its KMS certificate", HelpName = "URI" };
    private readonly Option<bool> dryRun = DryRunOption();

    public DomainPrepareCommand(Surroundings surroundings)
        : base("prepare", "make another generation, from which nothing is issued yet", surroundings)
    {
        foreach (Option option in (Option[])[domain, newSecrets, period, offset, certUri, dryRun])
        {
            Add(option);
        }
    }

    public override string Details => """
        Its KMS certificate is handed out ahead from then on. What is not given stays as in the newest generation. Role: crypto
        officer.
        """;

    public override IReadOnlyList<JsonField> Fields => GenerationText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken) =>
        GenerationText.Report(invocation, await client.PostAsync(
            Act(KmsAdminPaths.Generations(invocation.Required(domain)), invocation.Get(dryRun)),
            new PrepareGenerationRequest
            {
                NewSecrets = invocation.Get(newSecrets),
                PeriodSeconds = invocation.Get(period),
                OffsetSeconds = invocation.Get(offset),
                CertUri = invocation.Get(certUri),
            },
            KmsAdminJson.Default.PrepareGenerationRequest,
            KmsAdminJson.Default.GenerationActResult,
            cancellationToken));
}

/// <summary><c>watchword domain activate</c>.</summary>
internal sealed class DomainActivateCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Argument<int> number = GenerationText.NumberArgument();
    private readonly Option<DateTimeOffset?> at = new("--at")
    {
        Description = "end of a key period, or a past time for at once (default: the next end that leaves everybody his window)",
        HelpName = "TIME",
    };
    private readonly Option<bool> dryRun = DryRunOption();

    public DomainActivateCommand(Surroundings surroundings)
        : base("activate", "have a prepared generation take over", surroundings)
    {
        Add(number);
        Add(domain);
        Add(at);
        Add(dryRun);
    }

    public override string Details => "Role: crypto officer.";

    public override IReadOnlyList<JsonField> Fields => GenerationText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken) =>
        GenerationText.Report(invocation, await client.PostAsync(
            Act(KmsAdminPaths.Generation(invocation.Required(domain), invocation.Required(number), "activate"), invocation.Get(dryRun)),
            new ActivateGenerationRequest { At = invocation.Get(at) },
            KmsAdminJson.Default.ActivateGenerationRequest,
            KmsAdminJson.Default.GenerationActResult,
            cancellationToken));
}

/// <summary><c>watchword domain taint</c> and <c>watchword domain revoke</c>.</summary>
internal sealed class DomainEndCommand : KmsAdminCommand
{
    private readonly bool revokes;
    private readonly Option<string> domain = DomainOption();
    private readonly Argument<int> number = GenerationText.NumberArgument();
    private readonly Option<string> reason = ReasonOption();
    private readonly Option<bool> dryRun = DryRunOption();

    public DomainEndCommand(bool revoke, Surroundings surroundings)
        : base(
            revoke ? "revoke" : "taint",
            revoke ? "end a generation for good" : "mark a generation as suspect: nothing is issued from it any more",
            surroundings)
    {
        revokes = revoke;
        Add(number);
        Add(domain);
        Add(reason);
        Add(dryRun);
    }

    public override string Details => revokes
        ? "A generation in use must be tainted first. There is no way back. Role: crypto officer."
        : "Clients are told to replace its KMS certificate. There is no way back. Role: crypto officer.";

    public override IReadOnlyList<JsonField> Fields => GenerationText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken) =>
        GenerationText.Report(invocation, await client.PostAsync(
            Act(KmsAdminPaths.Generation(invocation.Required(domain), invocation.Required(number), Name), invocation.Get(dryRun)),
            new ReasonRequest { Reason = invocation.Required(reason) },
            KmsAdminJson.Default.ReasonRequest,
            KmsAdminJson.Default.GenerationActResult,
            cancellationToken));
}
