using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary>Partners in both languages.</summary>
internal static class PartnerText
{
    /// <summary>Makes the argument of a record.</summary>
    public static Argument<long> NumberArgument() => new("record") { HelpName = "N", Description = "number of the partner record" };

    /// <summary>Members of a partner.</summary>
    public static IReadOnlyList<JsonField> FieldsOf(string prefix) =>
    [
        new(prefix + "id", "number", "number of the record"),
        new(prefix + "kmsUri", "string", "the partner"),
        new(prefix + "kind", "string", "`external` or `migration`"),
        new(prefix + "state", "string", "`pending`, `approved`, `replaced`, `revoked` or `rejected`"),
        new(prefix + "isLinked", "boolean", "true for a domain of this installation"),
        new(prefix + "fingerprint", "string", "fingerprint of the KMS certificate", Optional: true),
        new(prefix + "fingerprintWords", "string", "the same in words", Optional: true),
        new(prefix + "address", "string", "https URL of a migration KMS", Optional: true),
        new(prefix + "identityDomains[]", "string", "whose users it keys"),
        new(prefix + "validFrom", "string, RFC 3339", "begin of validity", Optional: true),
        new(prefix + "validTo", "string, RFC 3339", "end of validity", Optional: true),
        new(prefix + "endsAt", "string, RFC 3339", "when its use ended or ends", Optional: true),
        new(prefix + "replaces", "number", "record whose place it takes", Optional: true),
        new(prefix + "importedAt", "string, RFC 3339", "when it was imported"),
    ];

    /// <summary>Members of an act.</summary>
    public static IReadOnlyList<JsonField> ActFields { get; } =
    [
        new("dryRun", "boolean", "true if nothing was changed"),
        new("affectedRequesters", "number", "requesters keyed lately, whose clients are told"),
        .. FieldsOf("partner."),
    ];

    /// <summary>The result of an act.</summary>
    public static void Report(Invocation invocation, PartnerActResult result) => invocation.Report.Result(
        (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.PartnerActResult)!,
        human =>
        {
            human.Fields(
            [
                ("record", Printable.Number(result.Partner.Id)),
                ("partner", result.Partner.KmsUri),
                ("state", result.Partner.State),
                ("fingerprint", result.Partner.Fingerprint),
                ("words", result.Partner.FingerprintWords),
            ]);
            human.Line($"{(result.DryRun ? "nothing was changed; would affect" : "affects")} {result.AffectedRequesters} requesters keyed lately");
        });
}

/// <summary><c>watchword partner list</c>.</summary>
internal sealed class PartnerListCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();

    public PartnerListCommand(Surroundings surroundings)
        : base("list", "list the KMS certificates of other security domains", surroundings) => Add(domain);

    public override string Details => "Those of the past included. Role: crypto officer or auditor.";

    public override IReadOnlyList<JsonField> Fields => PartnerText.FieldsOf("partners[].");

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<PartnerView> all = await client.GetAsync(
            KmsAdminPaths.Partners(invocation.Required(domain)), KmsAdminJson.Default.IReadOnlyListPartnerView, cancellationToken);
        invocation.Report.Result(
            new JsonObject { ["partners"] = JsonSerializer.SerializeToNode(all, KmsAdminJson.Default.IReadOnlyListPartnerView) },
            human => human.Table(
                ["record", "partner", "kind", "state", "valid to", "fingerprint"],
                all.Select(one => (IReadOnlyList<string>)
                [
                    Printable.Number(one.Id), one.KmsUri, one.Kind, one.State,
                    one.ValidTo is { } to ? Printable.Time(to) : "for ever", one.Fingerprint ?? "linked",
                ])));
    }
}

/// <summary><c>watchword partner history</c>.</summary>
internal sealed class PartnerHistoryCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();

    public PartnerHistoryCommand(Surroundings surroundings)
        : base("history", "list what was done to the partners of a domain, and by whom", surroundings) => Add(domain);

    public override string Details => "Role: crypto officer or auditor.";

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("acts[].partnerId", "number", "the record"),
        new("acts[].kind", "string", "`imported`, `approved`, `replaced`, `revoked`, `rejected` or `linked`"),
        new("acts[].time", "string, RFC 3339", "when"),
        new("acts[].issuer", "string", "who vouched for the officer"),
        new("acts[].subject", "string", "the officer"),
        new("acts[].reason", "string", "why", Optional: true),
        new("acts[].cacheNumber", "number", "number of the list of certificates after it"),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        IReadOnlyList<PartnerActView> all = await client.GetAsync(
            KmsAdminPaths.PartnerHistory(invocation.Required(domain)), KmsAdminJson.Default.IReadOnlyListPartnerActView,
            cancellationToken);
        invocation.Report.Result(
            new JsonObject { ["acts"] = JsonSerializer.SerializeToNode(all, KmsAdminJson.Default.IReadOnlyListPartnerActView) },
            human => human.Table(
                ["time", "record", "act", "by", "reason", "list"],
                all.Select(act => (IReadOnlyList<string>)
                [
                    Printable.Time(act.Time), Printable.Number(act.PartnerId), act.Kind, act.Subject, act.Reason ?? string.Empty,
                    Printable.Number(act.CacheNumber),
                ])));
    }
}

/// <summary><c>watchword partner import</c>.</summary>
internal sealed class PartnerImportCommand : KmsAdminCommand
{
    private const int MaxOctets = 32 * 1024;
    private readonly Argument<string> file = new("file") { HelpName = "FILE", Description = "the KmsCertificate document" };
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string> kind = new("--kind")
    {
        Description = "external or migration", HelpName = "KIND", DefaultValueFactory = _ => "external",
    };
    private readonly Option<string?> address = new("--address") { Description = "https URL of a migration KMS", HelpName = "URL" };
    private readonly Option<string[]> identityDomains = new("--identity-domain")
    {
        Description = "identity domain beyond those of the certificate; may be repeated", HelpName = "DOMAIN",
    };
    private readonly Option<long?> replaces = new("--replaces") { Description = "record whose place it takes", HelpName = "N" };
    private readonly Option<string?> reason = new("--reason") { Description = "why, for the history", HelpName = "TEXT" };
    private readonly Option<bool> dryRun = DryRunOption();

    public PartnerImportCommand(Surroundings surroundings)
        : base("import", "import the KMS certificate of another security domain", surroundings)
    {
        Add(file);
        foreach (Option option in (Option[])[domain, kind, address, identityDomains, replaces, reason, dryRun])
        {
            Add(option);
        }
    }

    public override string Details => """
        Nobody is given it before another crypto officer has approved it with `watchword partner approve`, after comparing the
        fingerprint with the partner over another channel. Role: crypto officer.
        """;

    public override IReadOnlyList<JsonField> Fields => PartnerText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string path = invocation.Required(file);
        if (!File.Exists(path) || new FileInfo(path).Length > MaxOctets)
        {
            throw new CliException(ExitCode.Usage, $"{path} does not exist, or is longer than {MaxOctets} octets");
        }

        PartnerText.Report(invocation, await client.PostAsync(
            Act(KmsAdminPaths.Partners(invocation.Required(domain)), invocation.Get(dryRun)),
            new ImportPartnerRequest
            {
                Certificate = await File.ReadAllBytesAsync(path, cancellationToken),
                Kind = invocation.Required(kind),
                Address = invocation.Get(address),
                IdentityDomains = invocation.Get(identityDomains) ?? [],
                Replaces = invocation.Get(replaces),
                Reason = invocation.Get(reason),
            },
            KmsAdminJson.Default.ImportPartnerRequest,
            KmsAdminJson.Default.PartnerActResult,
            cancellationToken));
    }
}

/// <summary><c>watchword partner approve</c>.</summary>
internal sealed class PartnerApproveCommand : KmsAdminCommand
{
    private readonly Argument<long> number = PartnerText.NumberArgument();
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string> fingerprint = new("--fingerprint")
    {
        Description = "the whole fingerprint as the partner said it, in digits or words", HelpName = "TEXT", Required = true,
    };
    private readonly Option<bool> dryRun = DryRunOption();

    public PartnerApproveCommand(Surroundings surroundings)
        : base("approve", "approve an imported KMS certificate: clients get it from then on", surroundings)
    {
        Add(number);
        Add(domain);
        Add(fingerprint);
        Add(dryRun);
    }

    public override string Details => "By default not by who imported it. Role: crypto officer.";

    public override IReadOnlyList<JsonField> Fields => PartnerText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken) =>
        PartnerText.Report(invocation, await client.PostAsync(
            Act(KmsAdminPaths.Partner(invocation.Required(domain), invocation.Required(number), "approve"), invocation.Get(dryRun)),
            new ApprovePartnerRequest { Fingerprint = invocation.Required(fingerprint) },
            KmsAdminJson.Default.ApprovePartnerRequest,
            KmsAdminJson.Default.PartnerActResult,
            cancellationToken));
}

/// <summary><c>watchword partner revoke</c>.</summary>
internal sealed class PartnerRevokeCommand : KmsAdminCommand
{
    private readonly Argument<long> number = PartnerText.NumberArgument();
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string> reason = ReasonOption();
    private readonly Option<bool> dryRun = DryRunOption();

    public PartnerRevokeCommand(Surroundings surroundings)
        : base("revoke", "end the use of a partner's KMS certificate, or withdraw one that is pending", surroundings)
    {
        Add(number);
        Add(domain);
        Add(reason);
        Add(dryRun);
    }

    public override string Details => "There is no way back. Role: crypto officer.";

    public override IReadOnlyList<JsonField> Fields => PartnerText.ActFields;

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken) =>
        PartnerText.Report(invocation, await client.PostAsync(
            Act(KmsAdminPaths.Partner(invocation.Required(domain), invocation.Required(number), "revoke"), invocation.Get(dryRun)),
            new ReasonRequest { Reason = invocation.Required(reason) },
            KmsAdminJson.Default.ReasonRequest,
            KmsAdminJson.Default.PartnerActResult,
            cancellationToken));
}
