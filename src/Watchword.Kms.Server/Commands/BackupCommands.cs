using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Commands;

/// <summary>The verbs <c>backup</c> and <c>restore</c>.</summary>
internal sealed class BackupCommands(CommandLine line, TextWriter output, TimeProvider time)
{
    /// <summary>Writes custody and a snapshot of the store into one file; the server may run meanwhile.</summary>
    public async Task BackUpAsync()
    {
        DataDirectory data = line.Data;
        string target = line.Required("Verb:To", "--to");
        if (File.Exists(target))
        {
            throw new KmsException(KmsError.ConfigurationInvalid, $"{target} exists already");
        }

        if (!line.Has("WithoutStore") && !line.Store.IsFile)
        {
            throw new KmsException(
                KmsError.ConfigurationInvalid, "a PostgreSQL store is backed up with its own tools: add --without-store");
        }

        using KmsStore store = await CustodyCommands.OpenStoreAsync(line, time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        if (await new RecoveryKeys(custody).FindAsync() is null)
        {
            throw new KmsException(KmsError.NoRecoveryKey);
        }

        string partial = target + ".partial";
        string? snapshot = line.Has("WithoutStore") ? null : Path.Combine(data.Path, $".snapshot-{Guid.NewGuid():N}");
        try
        {
            await CustodyCommands.ActAsync(store, line.Operator, "backup", () => WriteAsync(custody, store, partial, snapshot));
            File.Move(partial, target, overwrite: false);
        }
        finally
        {
            File.Delete(partial);
            if (snapshot is not null)
            {
                File.Delete(snapshot);
            }
        }
    }

    private async Task WriteAsync(EnvelopeCustody custody, KmsStore store, string file, string? snapshot)
    {
        await using FileStream destination = CreateFile(file);
        BackupSummary summary = await new BackupWriter(custody, time).WriteAsync(
            destination,
            await store.FindGenerationsAsync(),
            store,
            snapshot is null ? null : cancellationToken => ExportAsync(line.Data, snapshot, cancellationToken));
        FlushToDisk(destination);
        await output.WriteLineAsync(
            $"{summary.Documents} documents, {summary.Generations} generations, {summary.Samples} samples, "
            + (summary.HasStore ? "with the store" : "without the store")
            + $", opens with recovery key {summary.RecoveryKeyId}");
    }

    private static async Task<Stream> ExportAsync(DataDirectory data, string snapshot, CancellationToken cancellationToken)
    {
        await SqliteSnapshot.WriteAsync(data.DatabasePath, snapshot, cancellationToken);
        return new FileStream(snapshot, FileMode.Open, FileAccess.Read);
    }

    /// <summary>Verifies a backup and, unless told otherwise, writes it into an empty data directory.</summary>
    public async Task RestoreAsync()
    {
        bool writes = !line.Has("Verify") && !line.Has("DryRun");
        string source = line.Required("Verb:From", "--from");
        using RecoveryPrivateKey recovery = await RecoverAsync();
        await using FileStream file = OpenFile(source);
        if (!writes)
        {
            using Backup opened = await Backup.OpenAsync(file, recovery);
            await RequireOriginAsync(opened);
            await DescribeAsync(await opened.VerifyAsync());
            if (line.Has("DryRun"))
            {
                await DescribePlanAsync(opened);
            }

            return;
        }

        DataDirectory data = line.Data;
        CustodyOptions options = line.Custody;
        bool intoFile = line.Store.IsFile;
        data.Create();
        if (File.Exists(data.DatabasePath))
        {
            throw new KmsException(KmsError.CustodyNotEmpty, data.DatabasePath);
        }

        string partial = data.DatabasePath + ".partial";
        try
        {
            Backup opened;
            await using (FileStream store = CreateFile(partial))
            {
                opened = await Backup.OpenAsync(file, recovery, store);
                FlushToDisk(store);
            }

            using (opened)
            {
                if (opened.HasStore && !intoFile)
                {
                    throw new KmsException(
                        KmsError.ConfigurationInvalid, "the backup holds a SQLite store, and the configuration names another");
                }

                await WriteAsync(opened, data, options, partial);
            }
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task WriteAsync(Backup backup, DataDirectory data, CustodyOptions options, string storeFile)
    {
        // Nothing is written of a backup that does not prove itself.
        await RequireOriginAsync(backup);
        BackupReport report = await backup.VerifyAsync();
        await DescribeAsync(report);
        // Into files, which move-to-database can take over, unless the configuration says otherwise: there may be no store yet.
        using KmsStore? database =
            options.Documents == CustodyPlaceKind.Database ? await CustodyCommands.OpenStoreAsync(line, time) : null;
        using EnvelopeCustody custody = database is null
            ? CustodySetup.Open(options, data.Documents)
            : await CustodySetup.OpenAsync(options, data, line.Store, database);
        int documents = await backup.RestoreAsync(custody);
        if (report.StoreOctets is null)
        {
            await output.WriteLineAsync($"{documents} documents restored; restore the store from its own backup");
            return;
        }

        File.Move(storeFile, data.DatabasePath, overwrite: false);
        using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.Sqlite(data.DatabasePath), time);
        AuditVerification verification = await AuditChain.VerifyAsync(store.ReadAuditAsync());
        if (!verification.IsValid || verification.Head.Sequence < report.AuditSequence)
        {
            throw new KmsException(KmsError.AuditBroken, $"{verification.Fault} at record {verification.BrokenAt}");
        }

        await CustodyCommands.ActAsync(store, line.Operator, "restore", () => output.WriteLineAsync(
            $"{documents} documents and the store restored, audit log of {verification.Records} records verified"));
    }

    /// <summary>Whoever has the recovery key's public half can make a backup: with <c>--key</c> that key must have signed
    /// it.</summary>
    private async Task RequireOriginAsync(Backup backup)
    {
        if (line.Optional("Verb:Key") is { } path)
        {
            backup.RequireOrigin(AuditKeyFile.Read(path));
            await output.WriteLineAsync($"made by the holder of audit key {backup.Origin!.Key.KeyId}");
            return;
        }

        await output.WriteLineAsync(backup.Origin is { } origin
            ? "not proven who made it: compare with audit public-key of that installation, and give it with --key: "
                + origin.Key.KeyId
            : "not proven who made it: a backup of an earlier version does not say");
    }

    private async Task DescribeAsync(BackupReport report)
    {
        string store = report.StoreOctets is { } octets ? $"store of {octets} octets" : "no store";
        await output.WriteLineAsync(
            $"verified: backup of {report.CreatedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}, {report.Documents} documents, "
            + $"{report.Generations} generations with their KPAK and Z, "
            + $"{report.IssuedSamples} issued and {report.TestSamples} test "
            + $"identities with the same public tokens, audit head {report.AuditSequence} "
            + $"{Convert.ToHexStringLower(report.AuditHash.Span)}, {store}");
    }

    private async Task DescribePlanAsync(Backup backup)
    {
        foreach (DomainRecord generation in backup.Generations)
        {
            await output.WriteLineAsync(
                $"would restore {generation.KmsUri}, generation {generation.Generation}, {generation.State}");
        }
    }

    private async Task<RecoveryPrivateKey> RecoverAsync()
    {
        ShareFiles shares = new(ShareKind.RecoveryKey, line.List("Verb:ShareFiles", "--share-files"));
        using CustodySecret scalar = await shares.OpenAsync();
        return RecoveryPrivateKey.FromSecret(scalar);
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.BackupMalformed, path, fault);
        }
    }

    internal static void FlushToDisk(FileStream file) => file.Flush(flushToDisk: true);

    /// <summary>A new file that only its owner reads.</summary>
    internal static FileStream CreateFile(string path)
    {
        // What an earlier run that was killed left behind.
        File.Delete(path);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
