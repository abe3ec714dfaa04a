using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword kms certcache</c>: KMS CertCache (TS 33.180 D.2.5).</summary>
internal sealed class KmsCertCacheCommand(Surroundings surroundings) : CliCommand(
    "certcache", "fetch the KMS certificates of partner domains (TS 33.180 D.2.5)", surroundings)
{
    public override string Details => """
        The home KMS vouches for its partners: their certificates are what calls to their users are encrypted with and calls from
        them are verified with. The number of the cache goes along, so that an unchanged one is not sent again. A partner that is
        missing in a changed cache is a partner no more; a revoked one stays listed and is not used.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("changed", "boolean", "true if the cache changed since it was last fetched"),
        new("cacheNumber", "number", "number of the cache", Optional: true),
        .. KmsCertificateText.Fields("certificates[]."),
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
        PartnerCertificates partners = await client.FetchPartnerCertificatesAsync(cancellationToken);
        JsonObject machine = new() { ["changed"] = partners.Changed };
        if (partners.CacheNumber is { } number)
        {
            machine["cacheNumber"] = number;
        }

        machine["certificates"] = KmsCertificateText.Json(partners.Certificates, invocation.Now);
        invocation.Report.Result(machine, human =>
        {
            human.Fields(
            [
                ("cache", partners.Changed ? "changed" : "unchanged"),
                ("number", partners.CacheNumber is { } current ? Printable.Number(current) : null),
            ]);
            KmsCertificateText.Table(human, partners.Certificates, invocation.Now);
        });
    }
}
