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
        "custody status | rewrap [--dry-run | --finish] | split-kek | create-recovery-key [--replace] | create-token-key";

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
            default:
                return false;
        }
    }

    /// <summary>Does something to custody. Before it, a record for the whole installation stands in the audit log; if it fails,
    /// one more with the number of the error.</summary>
    internal static async Task ActAsync(KmsStore store, string name, Func<Task> act)
    {
        await AuditAsync(store, name, KmsError.None);
        try
        {
            await act();
        }
        catch (KmsException fault)
        {
            await AuditAsync(store, name, fault.Error);
            throw;
        }
    }

    private static async Task AuditAsync(KmsStore store, string name, KmsError result) => await store.AppendAuditAsync(
    [
        new AuditEntry
        {
            Kind = AuditKind.Custody,
            KmsUri = string.Empty,
            Generation = 0,
            CorrelationId = name,
            Role = "operator",
            Result = (int)result,
        },
    ]);

    internal static Task<KmsStore> OpenStoreAsync(CommandLine line, TimeProvider time)
    {
        line.Data.RequireOwnerOnly();
        return KmsStore.OpenAsync(line.Store.Database(), time);
    }

    private async Task StatusAsync()
    {
        using EnvelopeCustody custody = CustodySetup.Open(line.Custody, line.Data);
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
        using EnvelopeCustody custody = CustodySetup.Open(line.Custody, line.Data);
        CustodyRewrapping rewrapping = new(custody);
        if (line.Has("DryRun"))
        {
            IReadOnlyList<RewrapStep> plan = await rewrapping.PlanAsync();
            await DescribeAsync(plan, "would be re-wrapped");
            return;
        }

        using KmsStore store = await OpenStoreAsync(line, time);
        if (line.Has("Finish"))
        {
            await ActAsync(store, "custody-rewrap-finish", async () => await output.WriteLineAsync(
                $"all {await rewrapping.FinishAsync()} documents open under the current key alone: "
                + "Kms:Custody:Previous can go, and the old key be destroyed"));
            return;
        }

        await ActAsync(
            store, "custody-rewrap", async () => await DescribeAsync(await rewrapping.RunAsync(), "re-wrapped"));
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
                store, "custody-split-kek", () => WriteSharesAsync(KeyShare.Split(kind, secret, Threshold, Shares)));
        }

        await output.WriteLineAsync(
            "give each share to its holder, try custody status with shares, then destroy the file and its copies");
    }

    private async Task CreateRecoveryKeyAsync()
    {
        using EnvelopeCustody custody = CustodySetup.Open(line.Custody, line.Data);
        using KmsStore store = await OpenStoreAsync(line, time);
        await ActAsync(store, "custody-create-recovery-key", async () =>
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
