using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword kms lookup</c>: KMS Discovery Lookup (TS 33.180 D.2.7).</summary>
internal sealed class KmsLookupCommand : CliCommand
{
    private readonly Argument<string> uri = new("uri") { Description = "user or group", HelpName = "URI" };

    public KmsLookupCommand(Surroundings surroundings)
        : base("lookup", "ask the home KMS which KMS serves a user or group (TS 33.180 D.2.7)", surroundings) => Add(uri);

    public override string Details => """
        Several KMSs are listed with the preferred one first. The answer counts for a day for calls to this URI; the certificate of
        the KMS is fetched along if the key store does not hold it.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("uri", "string", "what was looked up"),
        new("services[].kmsUri", "string", "KMS URI"),
        new("services[].relation", "string", "`home`, `migration`, `external` or `unknown`"),
        new("services[].address", "string", "URL of the KMS", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
    [
        ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
        ExitCode.Malformed,
    ];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        using KmClient client = session.CreateKmClient();
        string asked = invocation.Required(uri);
        IReadOnlyList<KmsReference> services = await client.LookUpAsync(asked, cancellationToken);
        _ = await client.FindDomainAsync(asked, cancellationToken);
        JsonArray machine = [];
        foreach (KmsReference service in services)
        {
            JsonObject entry = new() { ["kmsUri"] = service.KmsUri, ["relation"] = Relation(service) };
            if (service.Address is not null)
            {
                entry["address"] = service.Address;
            }

            machine.Add(entry);
        }

        invocation.Report.Result(
            new JsonObject { ["uri"] = asked, ["services"] = machine },
            human => human.Table(["kms", "relation", "address"], services.Select(s => (string[])[s.KmsUri, Relation(s), s.Address ?? ""])));
    }

    private static string Relation(KmsReference service) => JsonNamingPolicy.CamelCase.ConvertName(service.Relation.ToString());
}
