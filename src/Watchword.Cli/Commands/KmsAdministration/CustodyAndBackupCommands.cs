using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary><c>watchword custody status</c>.</summary>
internal sealed class CustodyStatusCommand(Surroundings surroundings) : KmsAdminCommand(
    "status", "list what the KMS keeps in custody, and under which key-encryption keys", surroundings)
{
    public override string Details => "Names and key ids, never a secret. Role: crypto officer or auditor.";

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("isUnsealed", "boolean", "false while shares are missing"),
        new("documents[].name", "string", "the document"),
        new("documents[].kind", "string", "what it holds"),
        new("documents[].kmsUri", "string", "the security domain"),
        new("documents[].generation", "number", "the generation"),
        new("documents[].purpose", "string", "what a sealing key is for", Optional: true),
        new("documents[].keyEncryptionKey", "string", "the key that it is under"),
        new("documents[].isCurrent", "boolean", "false if it is to be re-wrapped"),
        new("recoveryKeyId", "string", "the key that opens backups", Optional: true),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        CustodyView custody = await client.GetAsync(KmsAdminPaths.Custody, KmsAdminJson.Default.CustodyView, cancellationToken);
        invocation.Report.Result(
            (JsonObject)JsonSerializer.SerializeToNode(custody, KmsAdminJson.Default.CustodyView)!,
            human =>
            {
                human.Table(
                    ["document", "kind", "domain", "generation", "key", "current"],
                    custody.Documents.Select(one => (IReadOnlyList<string>)
                    [
                        one.Name, one.Purpose is null ? one.Kind : $"{one.Kind} {one.Purpose}", one.KmsUri,
                        Printable.Number(one.Generation), one.KeyEncryptionKey, one.IsCurrent ? "yes" : "no",
                    ]));
                human.Line($"recovery key: {custody.RecoveryKeyId ?? "none"}");
            });
    }
}

/// <summary><c>watchword custody rewrap</c>.</summary>
internal sealed class CustodyRewrapCommand : KmsAdminCommand
{
    private readonly Option<bool> finish = new("--finish")
    {
        Description = "prove that everything opens under the current key alone, so that the old one can be destroyed",
    };
    private readonly Option<bool> dryRun = DryRunOption();

    public CustodyRewrapCommand(Surroundings surroundings)
        : base("rewrap", "put everything in custody under the current key-encryption key", surroundings)
    {
        Add(finish);
        Add(dryRun);
    }

    public override string Details => "The KMS must be configured with both keys. Role: crypto officer.";

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("dryRun", "boolean", "true if nothing was changed"),
        new("documents", "number", "all documents"),
        new("rewrapped[]", "string", "documents that were not under the current key"),
        new("isFinished", "boolean", "true if everything was opened under the current key alone"),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string path = Act(KmsAdminPaths.Custody + "/rewrap", invocation.Get(dryRun));
        RewrapResult result = await client.PostAsync(
            invocation.Get(finish) && !invocation.Get(dryRun) ? path + "?finish=true" : path,
            new object(), KmsAdminJson.Default.Object, KmsAdminJson.Default.RewrapResult, cancellationToken);
        invocation.Report.Result(
            (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.RewrapResult)!,
            human => human.Line(result.IsFinished
                ? $"all {result.Documents} documents open under the current key alone"
                : $"{result.Rewrapped.Count} of {result.Documents} documents {(result.DryRun ? "would be" : "were")} re-wrapped"));
    }
}

/// <summary><c>watchword backup create</c>.</summary>
internal sealed class BackupCreateCommand : KmsAdminCommand
{
    private readonly Option<string> file = PrivateDownload.Option();
    private readonly Option<bool> withStore = new("--with-store") { Description = "the store too, where it is SQLite" };

    public BackupCreateCommand(Surroundings surroundings)
        : base("create", "fetch a backup of the KMS, encrypted to its recovery key", surroundings)
    {
        Add(file);
        Add(withStore);
    }

    public override string Details => """
        Only the holders of the recovery key open it, with `restore --verify` of the KMS, which proves that it derives the same keys.
        Role: crypto officer.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("file", "string", "the file"),
        new("octets", "number", "its length"),
        new("recoveryKeyId", "string", "the recovery key that opens it"),
    ];

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string path = invocation.Required(file);
        long octets = await PrivateDownload.FetchAsync(
            client, HttpMethod.Post, KmsAdminPaths.Backups + (invocation.Get(withStore) ? "?withStore=true" : string.Empty), path,
            cancellationToken);
        BackupView made = await BackupVerifyCommand.FindAsync(client, path, cancellationToken);
        invocation.Report.Result(
            new JsonObject { ["file"] = path, ["octets"] = octets, ["recoveryKeyId"] = made.RecoveryKeyId },
            human => human.Line($"{path}: {octets} octets, as the KMS made it; opens with recovery key {made.RecoveryKeyId}"));
    }
}

/// <summary><c>watchword backup verify</c>.</summary>
internal sealed class BackupVerifyCommand : KmsAdminCommand
{
    private readonly Argument<string> file = new("file") { HelpName = "FILE", Description = "the backup" };

    public BackupVerifyCommand(Surroundings surroundings)
        : base("verify", "see that a backup is octet by octet what the KMS made", surroundings) => Add(file);

    public override string Details => """
        Compares its hash with what the audit log of the KMS says of it. That it derives the same keys is proven by `restore --verify`
        of the KMS with the shares of the recovery key, which never go over a network. Role: crypto officer or auditor.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("file", "string", "the file"),
        new("time", "string, RFC 3339", "when it was made"),
        new("sha256", "string", "its hash"),
        new("recoveryKeyId", "string", "the recovery key that opens it"),
        new("hasStore", "boolean", "true if the store is in it"),
        new("compared", "string", "what was compared: always `sha256WithAuditLog`, because only the shares open it"),
    ];

    /// <summary>What the KMS says of a file.</summary>
    public static async Task<BackupView> FindAsync(KmsAdminClient client, string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"{path} does not exist");
        }

        await using FileStream backup = File.OpenRead(path);
        string hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(backup, cancellationToken));
        IReadOnlyList<BackupView> made = await client.GetAsync(
            KmsAdminPaths.Backups, KmsAdminJson.Default.IReadOnlyListBackupView, cancellationToken);
        return made.FirstOrDefault(view => view.Sha256 == hash)
            ?? throw new CliException(ExitCode.CheckFailed, $"{path} is no backup that this KMS made, or was changed");
    }

    protected override async Task RunAsync(Invocation invocation, KmsAdminClient client, CancellationToken cancellationToken)
    {
        string path = invocation.Required(file);
        BackupView made = await FindAsync(client, path, cancellationToken);
        invocation.Report.Result(
            new JsonObject
            {
                ["file"] = path,
                ["time"] = Printable.Rfc3339(made.Time),
                ["sha256"] = made.Sha256,
                ["recoveryKeyId"] = made.RecoveryKeyId,
                ["hasStore"] = made.HasStore,
                ["compared"] = "sha256WithAuditLog",
            },
            human =>
            {
                human.Line(
                    $"{path} is what the KMS made at {Printable.Time(made.Time)}; opens with recovery key {made.RecoveryKeyId}");
                human.Line("compared: its SHA-256 with the audit log of the KMS; it was not opened");
            });
    }
}
