using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Cli.Profiles;
using Watchword.KeyManagement.Administration;
using Watchword.KeyManagement.Audit;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary>A download into a file of mode 0600 that is there only when it is whole.</summary>
internal static class PrivateDownload
{
    /// <summary>Makes <c>--out</c>.</summary>
    public static Option<string> Option() => new("--out")
    {
        Description = "the new file, of mode 0600", HelpName = "FILE", Required = true,
    };

    /// <summary>Fetches into <paramref name="path"/>; gives the length.</summary>
    public static async Task<long> FetchAsync(
        KmsAdminClient client, HttpMethod method, string resource, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"{path} exists already");
        }

        string partial = path + ".partial";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = ProfileLocation.FileMode;
        }

        try
        {
            long length;
            await using (FileStream file = new(partial, options))
            {
                await client.DownloadAsync(method, resource, file, cancellationToken);
                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
                length = file.Length;
            }

            File.Move(partial, path, overwrite: false);
            return length;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}

/// <summary><c>watchword audit export</c>.</summary>
internal sealed class AuditExportCommand : KmsAdminCommand
{
    private readonly Option<string> file = PrivateDownload.Option();

    public AuditExportCommand(Surroundings surroundings)
        : base("export", "fetch the whole audit log of the KMS, signed", surroundings) => Add(file);

    public override string Details => """
        It holds identities and who was keyed for them. That it was fetched is in the log itself. `watchword audit verify` verifies it
        without the KMS. Role: auditor.
        """;

    public override IReadOnlyList<JsonField> Fields =>
        [new("file", "string", "the file"), new("octets", "number", "its length")];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string path = invocation.Required(file);
        long octets = await PrivateDownload.FetchAsync(
            client, HttpMethod.Get, KmsAdminPaths.Audit + "/export", path, cancellationToken);
        invocation.Report.Result(
            new JsonObject { ["file"] = path, ["octets"] = octets }, human => human.Line($"{path}: {octets} octets"));
    }
}

/// <summary><c>watchword audit verify</c>: an export, without the KMS.</summary>
internal sealed class AuditVerifyCommand : CliCommand
{
    private const int MaxKeyOctets = 64 * 1024;
    private readonly Argument<string> file = new("file") { HelpName = "FILE", Description = "the export" };
    private readonly Option<string> keys = new("--audit-keys")
    {
        Description = "public keys of the audit log, SubjectPublicKeyInfo in base64 or PEM, got from the KMS by another way",
        HelpName = "FILE",
        Required = true,
    };

    public AuditVerifyCommand(Surroundings surroundings)
        : base("verify", "verify an export of the audit log, without the KMS", surroundings)
    {
        Add(file);
        Add(keys);
    }

    public override string Details => """
        Checks links, hashes, order and times of all records, that every key set that was given out had its intent, and the signatures
        of checkpoints and of the export itself. `watchword audit checkpoint` shows the public key; keep it when you first see it.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("isValid", "boolean", "true when everything holds"),
        new("fault", "string", "the first fault", Optional: true),
        new("line", "number", "where in the file", Optional: true),
        new("records", "number", "records that hold"),
        new("signedUpTo", "number", "last record that a checkpoint covers"),
        new("openIntents", "number", "intents without an outcome"),
    ];

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.CheckFailed, ExitCode.Malformed, ExitCode.Locked];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        IReadOnlyList<AuditPublicKey> trusted = ReadKeys(invocation.Required(keys));
        string path = invocation.Required(file);
        if (!File.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"{path} does not exist");
        }

        await using FileStream export = File.OpenRead(path);
        AuditExportVerification found = await AuditExport.VerifyAsync(export, trusted, expected: null, cancellationToken);
        JsonObject machine = new() { ["isValid"] = found.IsValid };
        if (!found.IsValid)
        {
            machine["fault"] = JsonNamingPolicy.CamelCase.ConvertName(found.Fault.ToString());
            invocation.ExitCode = ExitCode.CheckFailed;
        }

        if (found.Line is { } line)
        {
            machine["line"] = line;
        }

        machine["records"] = found.Chain.Records;
        machine["signedUpTo"] = found.Chain.SignedUpTo;
        machine["openIntents"] = found.Chain.OpenIntents.Count;
        invocation.Report.Result(machine, human =>
        {
            human.Line(found.IsValid ? "the export holds" : $"the export does not hold: {found.Fault}, line {found.Line}");
            human.Line(
                $"{found.Chain.Records} records hold, signed up to {found.Chain.SignedUpTo}, {found.Chain.OpenIntents.Count} open intents");
        });
    }

    private static List<AuditPublicKey> ReadKeys(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxKeyOctets)
            {
                throw new FormatException();
            }

            // Both forms are base64 between lines that begin with a hyphen.
            string[] blocks = File.ReadAllText(path).Split(
                ["-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            List<AuditPublicKey> found = [.. blocks.Select(block => AuditPublicKey.Import(Convert.FromBase64String(block)))];
            return found.Count > 0 ? found : throw new FormatException();
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException or FileNotFoundException)
        {
            throw new CliException(ExitCode.Malformed, $"{path} holds no public keys of an audit log", fault);
        }
    }
}

/// <summary><c>watchword audit query</c>.</summary>
internal sealed class AuditQueryCommand : KmsAdminCommand
{
    private readonly Option<string?> user = new("--user-uri") { Description = "an identity", HelpName = "URI" };
    private readonly Option<long?> period = new("--period") { Description = "number of a key period", HelpName = "N" };
    private readonly Option<string?> subject = new("--subject") { Description = "whoever acted", HelpName = "SUB" };
    private readonly Option<string?> domain = new("--domain") { Description = "only in this security domain", HelpName = "KMS-URI" };

    public AuditQueryCommand(Surroundings surroundings)
        : base("query", "who received which key set, by identity, key period or subject", surroundings)
    {
        foreach (Option option in (Option[])[user, period, subject, domain])
        {
            Add(option);
        }
    }

    public override string Details => """
        An `outcome` with result 0 is a key set that left the KMS. That the log was asked is in the log itself. Role: auditor.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("records[].sequence", "number", "number of the record"),
        new("records[].time", "string, RFC 3339", "when"),
        new("records[].kind", "string", "what is reported"),
        new("records[].kmsUri", "string", "the security domain"),
        new("records[].generation", "number", "the generation"),
        new("records[].issuer", "string", "who vouched", Optional: true),
        new("records[].subject", "string", "whoever acted", Optional: true),
        new("records[].role", "string", "in which role", Optional: true),
        new("records[].userUris[]", "string", "identities concerned"),
        new("records[].keyPeriodNumber", "number", "the key period", Optional: true),
        new("records[].result", "number", "0, or the number of the error"),
        new("records[].detail", "string", "what else is to be known", Optional: true),
        new("records[].correlationId", "string", "ties it to request and log"),
        new("hasMore", "boolean", "true if there may be more"),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        AuditQueryResult result = await client.PostAsync(
            KmsAdminPaths.Audit + "/query",
            new AuditQuery
            {
                UserUri = invocation.Get(user),
                KeyPeriodNumber = invocation.Get(period),
                Subject = invocation.Get(subject),
                KmsUri = invocation.Get(domain),
                Count = 1000,
            },
            KmsAdminJson.Default.AuditQuery,
            KmsAdminJson.Default.AuditQueryResult,
            cancellationToken);
        invocation.Report.Result(
            (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.AuditQueryResult)!,
            human =>
            {
                human.Table(
                    ["number", "time", "kind", "subject", "role", "identities", "period", "result"],
                    result.Records.Select(hit => (IReadOnlyList<string>)
                    [
                        Printable.Number(hit.Sequence), Printable.Time(hit.Time), hit.Kind, hit.Subject ?? string.Empty,
                        hit.Role ?? string.Empty, string.Join(", ", hit.UserUris),
                        hit.KeyPeriodNumber is { } number ? Printable.Number(number) : string.Empty, Printable.Number(hit.Result),
                    ]));
                if (result.HasMore)
                {
                    human.Line("there are more");
                }
            });
    }
}

/// <summary><c>watchword audit checkpoint</c>.</summary>
internal sealed class AuditCheckpointCommand(Surroundings surroundings) : KmsAdminCommand(
    "checkpoint", "have the end of the audit log signed now", surroundings)
{
    public override string Details => """
        Shows the public key that signed it: keep it for `watchword audit verify`. Role: auditor.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("sequence", "number", "the last record that it covers"),
        new("time", "string, RFC 3339", "when it was made"),
        new("keyId", "string", "SHA-256 over the public key"),
        new("publicKey", "string, base64", "SubjectPublicKeyInfo"),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        CheckpointView made = await client.PostAsync(
            KmsAdminPaths.Audit + "/checkpoint", new object(), KmsAdminJson.Default.Object, KmsAdminJson.Default.CheckpointView,
            cancellationToken);
        invocation.Report.Result(
            (JsonObject)JsonSerializer.SerializeToNode(made, KmsAdminJson.Default.CheckpointView)!,
            human => human.Fields(
            [
                ("record", Printable.Number(made.Sequence)),
                ("time", Printable.Time(made.Time)),
                ("key id", made.KeyId),
                ("public key", Convert.ToBase64String(made.PublicKey.Span)),
            ]));
    }
}
