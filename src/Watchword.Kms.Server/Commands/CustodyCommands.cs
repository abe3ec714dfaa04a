using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Commands;

/// <summary>
/// The verbs <c>custody ...</c>: what an operator does with key-encryption keys and shares. What changes custody is in the audit
/// log before it happens.
/// </summary>
internal sealed class CustodyCommands(CommandLine line, TextWriter output, TimeProvider time)
{
    public const string Usage =
        "custody status | rewrap [--dry-run | --finish] | split-kek | create-recovery-key [--replace] | create-token-key "
        + "| move-to-database [--remove]";

    /// <returns>False if there is no such verb.</returns>
    public async Task<bool> RunAsync(string verb)
    {
        switch (verb)
        {
            case "status":
                await StatusAsync();
                return true;
            case "rewrap":
                await RewrapAsync();
                return true;
            case "split-kek":
                await SplitAsync();
                return true;
            case "create-recovery-key":
                await CreateRecoveryKeyAsync();
                return true;
            case "create-token-key":
                await CreateTokenKeyAsync();
                return true;
            case "move-to-database":
                await MoveToDatabaseAsync();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Does something to custody. Before it, a record for the whole installation stands in the audit log; if it fails,
    /// one more with the number of the error.</summary>
    internal static async Task ActAsync(KmsStore store, Authority by, string name, Func<Task> act)
    {
        await AuditAsync(store, by, name, KmsError.None);
        try
        {
            await act();
        }
        catch (KmsException fault)
        {
            await AuditAsync(store, by, name, fault.Error);
            throw;
        }
    }

    private static async Task AuditAsync(KmsStore store, Authority by, string name, KmsError result) =>
        await store.AppendAuditAsync([by.ToEntry(AuditKind.Custody, string.Empty, 0, name, result: (int)result)]);

    internal static Task<KmsStore> OpenStoreAsync(CommandLine line, TimeProvider time)
    {
        line.Data.RequireOwnerOnly();
        return KmsStore.OpenAsync(line.Store.Database(), time);
    }

    private async Task StatusAsync()
    {
        using KmsStore? store = await line.OpenStoreForCustodyAsync(time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        IReadOnlyList<CustodyDocument> documents = await custody.ListAsync();
        foreach (CustodyDocument document in documents)
        {
            string whose = document.KmsUri.Length == 0 ? "installation" : document.KmsUri;
            string purpose = document.Purpose is null ? string.Empty : $" {document.Purpose}";
            await output.WriteLineAsync(
                $"{document.Name}: {document.Kind}{purpose}, {whose}, generation {document.Generation}, under {document.Key}, "
                + (document.IsCurrent ? "current" : "to be re-wrapped"));
        }

        string recovery = (await new RecoveryKeys(custody).FindAsync())?.KeyId ?? "none";
        await output.WriteLineAsync(
            $"{documents.Count} documents, {documents.Count(document => !document.IsCurrent)} to be re-wrapped, "
            + $"recovery key {recovery}");
    }

    private async Task RewrapAsync()
    {
        if (line.Has("DryRun"))
        {
            using KmsStore? forCustody = await line.OpenStoreForCustodyAsync(time);
            using EnvelopeCustody unchanged = await line.OpenCustodyAsync(forCustody);
            await DescribeAsync(await new CustodyRewrapping(unchanged).PlanAsync(), "would be re-wrapped");
            return;
        }

        using KmsStore store = await OpenStoreAsync(line, time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        CustodyRewrapping rewrapping = new(custody);
        if (line.Has("Finish"))
        {
            await ActAsync(store, line.Operator, "custody-rewrap-finish", async () => await output.WriteLineAsync(
                $"all {await rewrapping.FinishAsync()} documents open under the current key alone: "
                + "Kms:Custody:Previous can go, and the old key be destroyed"));
            return;
        }

        await ActAsync(
            store, line.Operator, "custody-rewrap", async () => await DescribeAsync(await rewrapping.RunAsync(), "re-wrapped"));
        await output.WriteLineAsync("keep the old key until custody rewrap --finish has succeeded on every node's configuration");
    }

    private async Task DescribeAsync(IReadOnlyList<RewrapStep> steps, string what)
    {
        foreach (RewrapStep step in steps.Where(step => !step.IsCurrent))
        {
            await output.WriteLineAsync($"{step.Name}: {what}, was under {step.From}");
        }

        int changed = steps.Count(step => !step.IsCurrent);
        await output.WriteLineAsync($"{changed} of {steps.Count} documents {what}");
    }

    private async Task SplitAsync()
    {
        CustodyOptions options = line.Custody;
        (ShareKind kind, CustodySecret secret) = options switch
        {
            { KeyEncryptionKeyFile: { } file } => (ShareKind.KeyEncryptionKey, KeyEncryptionKeySource.ReadKeyFile(file)),
            { Pkcs11.PinFile: { } file } => (ShareKind.TokenPin, await new SecretFile(file).OpenAsync()),
            _ => throw new KmsException(
                KmsError.ConfigurationInvalid, "what can be split is a key file, or the PIN file of a token"),
        };
        using (secret)
        {
            using KmsStore store = await OpenStoreAsync(line, time);
            await ActAsync(
                store, line.Operator, "custody-split-kek",
                () => WriteSharesAsync(KeyShare.Split(kind, secret, Threshold, Shares)));
        }

        await output.WriteLineAsync(
            "give each share to its holder, try custody status with shares, then destroy the file and its copies");
    }

    private async Task CreateRecoveryKeyAsync()
    {
        using KmsStore store = await OpenStoreAsync(line, time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        await ActAsync(store, line.Operator, "custody-create-recovery-key", async () =>
        {
            (RecoveryPublicKey key, IReadOnlyList<KeyShare> shares) =
                await new RecoveryKeys(custody).CreateAsync(Threshold, Shares, line.Has("Replace"));
            await WriteSharesAsync(shares);
            await output.WriteLineAsync(
                $"recovery key {key.KeyId}: give each share to its holder, make a backup, and try restore --verify with shares");
        });
    }

    private async Task CreateTokenKeyAsync()
    {
        Pkcs11Options options = line.Custody.Pkcs11
            ?? throw new KmsException(KmsError.ConfigurationInvalid, "Kms:Custody:Pkcs11 is missing");
        KeyEncryptionKeyParameters key = await CustodySetup.TokenKeyOf(options).CreateKeyAsync();
        await output.WriteLineAsync($"created {key} in token {options.TokenLabel}, for {key.Mechanism}");
    }

    /// <summary>
    /// Copies the files of the data directory into the database, proves that they are there and open under the current key, and
    /// only then, if asked to, removes the files. May be killed at any moment and run again.
    /// </summary>
    private async Task MoveToDatabaseAsync()
    {
        if (line.Store.IsFile)
        {
            throw new KmsException(KmsError.ConfigurationInvalid, "custody documents move into a PostgreSQL only");
        }

        using KmsStore store = await OpenStoreAsync(line, time);
        await ActAsync(store, line.Operator, "custody-move-to-database", async () =>
        {
            DirectoryDocuments files = line.Data.Documents;
            IReadOnlyList<string> names = await files.ListAsync();
            foreach (string name in names)
            {
                byte[] content = (await files.ReadAsync(name))!;
                if (!await store.CustodyDocuments.TryCreateAsync(name, content)
                    && (await store.CustodyDocuments.ReadAsync(name))?.SequenceEqual(content) != true)
                {
                    throw new KmsException(KmsError.CustodyNotEmpty, name);
                }
            }

            using EnvelopeCustody moved = CustodySetup.Open(line.Custody, store.CustodyDocuments);
            int opened = await new CustodyRewrapping(moved).FinishAsync();
            await output.WriteLineAsync($"{names.Count} documents copied, all {opened} of the database open");
            if (line.Has("Remove"))
            {
                foreach (string name in names)
                {
                    File.Delete(files.PathOf(name));
                }
            }

            await output.WriteLineAsync(line.Has("Remove")
                ? "the files are removed: restart the nodes, and remove their copies"
                : "write Kms:Custody:Documents=Database for every node, restart them, then remove the custody-*.json of each");
        });
    }

    private int Threshold => line.Number("Verb:Threshold", "--threshold");

    private int Shares => line.Number("Verb:Shares", "--shares");

    private async Task WriteSharesAsync(IReadOnlyList<KeyShare> shares)
    {
        try
        {
            foreach (string path in ShareText.WriteFiles(shares, line.Required("Verb:Out", "--out")))
            {
                await output.WriteLineAsync(path);
            }

            await output.WriteLineAsync($"{shares.Count} shares of set {shares[0].SetId}, any {shares[0].Threshold} open it");
        }
        finally
        {
            foreach (KeyShare share in shares)
            {
                share.Dispose();
            }
        }
    }
}
