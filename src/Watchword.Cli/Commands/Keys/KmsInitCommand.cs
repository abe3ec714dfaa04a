using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword kms init</c>: KMS Initialize (TS 33.180 D.2.3).</summary>
internal sealed class KmsInitCommand : CliCommand
{
    private readonly Option<string?> kms = new("--kms")
    {
        Description = "https URL of the KMS (default: that of the profile); kept for later commands",
        HelpName = "URL",
    };

    private readonly Option<string?> httpProxy = ConnectionOptions.HttpProxy();

    private readonly Option<string?> file = new("--out")
    {
        Description = "write the KMS certificate as a new file, to be given to the KMS of another security domain",
        HelpName = "FILE",
    };

    public KmsInitCommand(Surroundings surroundings)
        : base("init", "fetch the KMS certificate and bind the profile to its KMS (TS 33.180 D.2.3)", surroundings)
    {
        Add(kms);
        Add(httpProxy);
        Add(file);
    }

    public override string Details => """
        The KMS certificate holds the public keys of the security domain and how it divides time. The first one binds
        the profile to its KMS URI; another KMS needs another profile. `keys get` does this by itself when it has to.
        Another domain takes the file of `--out` over with `watchword partner import`, and compares the fingerprint.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("kmsUri", "string", "KMS URI, which is hashed into every UID"),
        new("certUri", "string", "URI of the KMS certificate", Optional: true),
        new("issuer", "string", "issuer of the KMS certificate", Optional: true),
        new("validFrom", "string, RFC 3339", "begin of its validity", Optional: true),
        new("validTo", "string, RFC 3339", "end of its validity", Optional: true),
        new("periodSeconds", "number", "length of a key period (UserKeyPeriod)"),
        new("offsetSeconds", "number", "offset of the key periods (UserKeyOffset)"),
        new("period.number", "number", "current key period"),
        new("period.start", "string, RFC 3339", "first second of the period"),
        new("period.end", "string, RFC 3339", "first second after the period"),
        new("publicKeysSha256", "string, 64 hex digits", "SHA-256 of KPAK and Z_T, to compare with the operator of the KMS"),
        new("fingerprint", "string", "SHA-256 over what the certificate says, as partners compare it"),
        new("migration[].kmsUri", "string", "KMS URI of a domain that the user may migrate to now"),
        new("migration[].address", "string", "https URL of its KMS", Optional: true),
        new("keysChanged", "boolean", "true if this KMS had other keys before: fetch the key sets again"),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string? path = invocation.Get(file);
        if (path is not null && File.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"{path} exists already");
        }

        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        if (invocation.Get(kms) is { } url)
        {
            session.RememberKms(url);
        }

        if (invocation.Get(httpProxy) is { } proxy)
        {
            session.RememberHttpProxy(proxy);
        }

        using KmClient client = session.CreateKmClient();
        KmsInitialization initialization = await client.InitializeAsync(cancellationToken);
        KmsCertificate certificate = initialization.Certificate;
        string fingerprint = Printable.Hex(
            SHA256.HashData([.. certificate.PublicAuthenticationKey.Export(), .. certificate.PublicEncryptionKey.Export()]));
        KeyPeriod period = certificate.PeriodAt(invocation.Now);
        if (initialization.KeysChanged)
        {
            invocation.Report.Warning("the KMS has other keys than before; fetch the key sets again: watchword keys get");
        }

        if (path is not null)
        {
            await using FileStream document = new(path, FileMode.CreateNew, FileAccess.Write);
            certificate.WriteTo(document);
        }

        invocation.Report.Result(Machine(initialization, period, fingerprint), human => human.Fields(
        [
            ("kms uri", certificate.KmsUri),
            ("certificate", certificate.CertUri),
            ("issuer", certificate.Issuer),
            ("valid from", certificate.ValidFrom is { } from ? Printable.Time(from) : null),
            ("valid to", certificate.ValidTo is { } to ? Printable.Time(to) : null),
            ("key period", Printable.Number(certificate.Schedule.PeriodSeconds) + " s"),
            ("offset", Printable.Number(certificate.Schedule.OffsetSeconds) + " s"),
            ("current period", PeriodText.Human(period)),
            ("kpak, z_t sha-256", fingerprint),
            ("fingerprint", certificate.ComputeFingerprint().ToString()),
            ("migration", initialization.MigrationServices.Count > 0
                ? string.Join(", ", initialization.MigrationServices.Select(kms => $"{kms.KmsUri} {kms.Address}".Trim()))
                : null),
            ("file", path),
        ]));
    }

    private static JsonObject Machine(KmsInitialization initialization, KeyPeriod period, string fingerprint)
    {
        KmsCertificate certificate = initialization.Certificate;
        JsonObject machine = new() { ["kmsUri"] = certificate.KmsUri };
        (string Name, string? Value)[] optional =
        [
            ("certUri", certificate.CertUri),
            ("issuer", certificate.Issuer),
            ("validFrom", certificate.ValidFrom is { } from ? Printable.Rfc3339(from) : null),
            ("validTo", certificate.ValidTo is { } to ? Printable.Rfc3339(to) : null),
        ];
        foreach ((string name, string? value) in optional.Where(member => member.Value is not null))
        {
            machine[name] = value;
        }

        machine["periodSeconds"] = certificate.Schedule.PeriodSeconds;
        machine["offsetSeconds"] = certificate.Schedule.OffsetSeconds;
        machine["period"] = PeriodText.Json(period);
        machine["publicKeysSha256"] = fingerprint;
        machine["fingerprint"] = certificate.ComputeFingerprint().ToString();
        machine["migration"] = new JsonArray([.. initialization.MigrationServices.Select(kms => (JsonNode)Reference(kms))]);
        machine["keysChanged"] = initialization.KeysChanged;
        return machine;
    }

    private static JsonObject Reference(KmsReference kms)
    {
        JsonObject machine = new() { ["kmsUri"] = kms.KmsUri };
        if (kms.Address is { } address)
        {
            machine["address"] = address;
        }

        return machine;
    }
}
