using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword kms cert</c>: KMS Cert (TS 33.180 D.2.6).</summary>
internal sealed class KmsCertCommand : CliCommand
{
    private readonly Argument<string> kmsUri = new("kms-uri") { Description = "KMS URI of the partner domain", HelpName = "KMS-URI" };

    public KmsCertCommand(Surroundings surroundings)
        : base("cert", "fetch the KMS certificate of one partner domain (TS 33.180 D.2.6)", surroundings) => Add(kmsUri);

    public override string Details => """
        Asks the home KMS for the certificate of one partner and keeps it for calls. A KMS that is no partner of the home KMS is not
        found, whatever a message says of it.
        """;

    public override IReadOnlyList<JsonField> Fields => KmsCertificateText.Fields("certificates[].");

    public override IReadOnlyList<ExitCode> Failures =>
    [
        ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed,
        ExitCode.Malformed,
    ];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        using KmClient client = session.CreateKmClient();
        IReadOnlyList<KmsCertificate> certificates =
            await client.FetchPartnerCertificateAsync(invocation.Required(kmsUri), cancellationToken);
        invocation.Report.Result(
            new JsonObject { ["certificates"] = KmsCertificateText.Json(certificates, invocation.Now) },
            human => KmsCertificateText.Table(human, certificates, invocation.Now));
    }
}
