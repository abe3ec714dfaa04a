using System.Security.Cryptography;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Commands;

/// <summary>The verbs <c>audit ...</c>: the key that signs the log, its export, and the verification of an export, which needs
/// nothing of the KMS but that key.</summary>
internal sealed class AuditCommands(CommandLine line, TextWriter output, TimeProvider time)
{
    public const string Usage =
        "audit public-key | export --to FILE | verify FILE [--key PEM] [--head FILE] | accept-head --reason TEXT";

    private const int MaxReasonLength = 512;

    /// <returns>False if there is no such verb.</returns>
    public async Task<bool> RunAsync(string verb, string? file)
    {
        switch (verb)
        {
            case "public-key":
                await ShowPublicKeyAsync();
                return true;
            case "export":
                await ExportAsync();
                return true;
            case "accept-head":
                await AcceptHeadAsync();
                return true;
            case "verify" when file is not null:
                await VerifyAsync(file);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What a verification found, in words.</summary>
    /// <param name="found">It.</param>
    /// <param name="keys">Whose keys the checkpoints were verified with.</param>
    public static string Describe(AuditVerification found, string keys) =>
        $"{found.Records} records verified, {found.OpenIntents.Count} intents without outcome, "
        + $"head {found.Head.Sequence} {Convert.ToHexStringLower(found.Head.Hash.Span)}, "
        + (found.SignedUpTo == 0
            ? "no checkpoint: only a head written down earlier tells whether it was rewritten"
            : $"signed up to record {found.SignedUpTo} by {keys}");

    private async Task ShowPublicKeyAsync()
    {
        using KmsStore? store = await line.OpenStoreForCustodyAsync(time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        using AuditSigningKey key = await custody.OpenAuditSigningKeyAsync();
        await output.WriteLineAsync(AuditKeyFile.Write(key.PublicKey));
        await output.WriteLineAsync($"key id {key.PublicKey.KeyId}");
    }

    private async Task ExportAsync()
    {
        string target = line.Required("Verb:To", "--to");
        if (File.Exists(target))
        {
            throw new KmsException(KmsError.ConfigurationInvalid, $"{target} exists already");
        }

        using KmsStore store = await CustodyCommands.OpenStoreAsync(line, time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        using AuditSigningKey key = await custody.OpenAuditSigningKeyAsync();
        string partial = target + ".partial";
        try
        {
            await CustodyCommands.ActAsync(store, line.Operator, "audit-export", async () =>
            {
                AuditHead head = await WriteAsync(store, key, partial);
                await output.WriteLineAsync(
                    $"{head.Sequence} records exported, head {head.Sequence} {Convert.ToHexStringLower(head.Hash.Span)}, "
                    + $"signed with key {key.PublicKey.KeyId}");
            });
            File.Move(partial, target, overwrite: false);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task<AuditHead> WriteAsync(KmsStore store, AuditSigningKey key, string path)
    {
        IReadOnlyList<AuditPublicKey> used = await store.FindAuditKeysAsync();
        IReadOnlyList<DomainRecord> generations = await store.FindGenerationsAsync();
        AuditExportHeader header = new(
            [.. generations.Select(generation => generation.KmsUri).Distinct(StringComparer.Ordinal)],
            used.Any(known => known.KeyId == key.PublicKey.KeyId) ? used : [.. used, key.PublicKey],
            time.GetStoreTime());
        await using FileStream file = BackupCommands.CreateFile(path);
        AuditHead head = await AuditExport.WriteAsync(file, header, store.ReadAuditAsync(), key);
        BackupCommands.FlushToDisk(file);
        return head;
    }

    /// <summary>The way on when the log does not fit what this node last signed of it: what was kept and what is there are in the
    /// log before the end as it is now takes its place.</summary>
    private async Task AcceptHeadAsync()
    {
        string reason = line.Required("Verb:Reason", "--reason");
        if (reason.Length > MaxReasonLength)
        {
            throw new KmsException(KmsError.ConfigurationInvalid, $"--reason has more than {MaxReasonLength} characters");
        }

        string path = AuditSettings.PathOf(line.Optional("Kms:Audit:HeadFile"), line.Data);
        AuditHeadFile file = new(path);
        using KmsStore store = await CustodyCommands.OpenStoreAsync(line, time);
        using EnvelopeCustody custody = await line.OpenCustodyAsync(store);
        using AuditSigningKey key = await custody.OpenAuditSigningKeyAsync();
        AuditHead now = await store.GetAuditHeadAsync();
        string kept = KeptBy(file, [key.PublicKey]);
        await store.AppendAuditAsync([line.Operator.ToEntry(
            AuditKind.Custody, string.Empty, 0, "audit-accept-head", $"kept {kept}; the log ends at {Text(now)}; {reason}")]);
        await file.ReplaceAsync(store, key);
        await output.WriteLineAsync($"kept {kept}; the log ends at {Text(now)}, which is accepted, and in the log");
    }

    private static string KeptBy(AuditHeadFile file, IReadOnlyList<AuditPublicKey> trusted)
    {
        try
        {
            return file.Read() is not { } kept ? "nothing"
                : Text(kept.Head) + (kept.IsSignedBy(trusted) ? string.Empty : ", not signed by the audit key");
        }
        catch (KmsException fault) when (fault.Error == KmsError.AuditHeadMismatch)
        {
            return "what is no signed head";
        }
    }

    private static string Text(AuditHead head) => $"{head.Sequence} {Convert.ToHexStringLower(head.Hash.Span)}";

    private async Task VerifyAsync(string path)
    {
        SignedAuditHead? kept = line.Optional("Kms:Audit:HeadFile") is { } headFile ? new AuditHeadFile(headFile).Read() : null;
        await using FileStream file = AuditKeyFile.Open(path);
        IReadOnlyList<AuditPublicKey>? trusted = line.Optional("Verb:Key") is { } keys ? AuditKeyFile.Read(keys) : null;
        AuditExportVerification found = await AuditExport.VerifyAsync(file, trusted ?? []);
        if (trusted is null && found.Header is { } header)
        {
            file.Position = 0;
            found = await AuditExport.VerifyAsync(file, header.Keys);
        }

        if (kept is not null)
        {
            IReadOnlyList<AuditPublicKey> signers = trusted ?? found.Header?.Keys ?? [];
            if (!kept.IsSignedBy(signers))
            {
                throw new KmsException(KmsError.AuditHeadMismatch, "the head given is not signed by the audit key");
            }

            file.Position = 0;
            found = await AuditExport.VerifyAsync(file, signers, kept.Head);
        }

        if (!found.IsValid)
        {
            throw new KmsException(KmsError.AuditBroken, $"{found.Fault} in line {found.Line}");
        }

        await output.WriteLineAsync(Describe(found.Chain, trusted is null ? "keys that the file itself names" : "the key given"));
        if (trusted is null)
        {
            // Whoever forged the file also wrote its header.
            string named = string.Join(", ", found.Header!.Keys.Select(key => key.KeyId));
            await output.WriteLineAsync($"not proven: compare with audit public-key of the KMS, and give it with --key: {named}");
        }
    }
}

/// <summary>Public keys of audit logs in PEM files.</summary>
internal static class AuditKeyFile
{
    private const string Label = "PUBLIC KEY";
    private const int MaxOctets = 1 << 16;

    public static string Write(AuditPublicKey key) => PemEncoding.WriteString(Label, key.Export());

    /// <summary>Every key of a file.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/> if it cannot be read, or holds
    /// none.</exception>
    public static IReadOnlyList<AuditPublicKey> Read(string path)
    {
        using FileStream file = Open(path);
        if (file.Length > MaxOctets)
        {
            throw new KmsException(KmsError.ConfigurationInvalid, $"{path} is too large for public keys");
        }

        using StreamReader reader = new(file);
        ReadOnlySpan<char> text = reader.ReadToEnd();
        List<AuditPublicKey> keys = [];
        try
        {
            while (PemEncoding.TryFind(text, out PemFields fields))
            {
                if (text[fields.Label] is Label)
                {
                    keys.Add(AuditPublicKey.Import(Convert.FromBase64String(text[fields.Base64Data].ToString())));
                }

                text = text[fields.Location.End..];
            }
        }
        catch (CryptographicException fault)
        {
            throw new KmsException(KmsError.ConfigurationInvalid, $"{path} holds a key of another kind", fault);
        }

        return keys.Count > 0 ? keys : throw new KmsException(KmsError.ConfigurationInvalid, $"{path} holds no public key");
    }

    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/> if it cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.ConfigurationInvalid, $"{path} cannot be read", fault);
        }
    }
}
