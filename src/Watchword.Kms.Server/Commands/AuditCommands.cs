using System.Security.Cryptography;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Commands;

/// <summary>The verbs <c>audit ...</c>: the key that signs the log, its export, and the verification of an export, which needs
/// nothing of the KMS but that key.</summary>
internal sealed class AuditCommands(CommandLine line, TextWriter output, TimeProvider time)
{
    public const string Usage = "audit public-key | export --to FILE | verify FILE [--key PEM]";

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
        using EnvelopeCustody custody = CustodySetup.Open(line.Custody, line.Data);
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

        using EnvelopeCustody custody = CustodySetup.Open(line.Custody, line.Data);
        using AuditSigningKey key = await custody.OpenAuditSigningKeyAsync();
        using KmsStore store = await CustodyCommands.OpenStoreAsync(line, time);
        string partial = target + ".partial";
        try
        {
            await CustodyCommands.ActAsync(store, "audit-export", async () =>
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
            DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()));
        await using FileStream file = BackupCommands.CreateFile(path);
        AuditHead head = await AuditExport.WriteAsync(file, header, store.ReadAuditAsync(), key);
        BackupCommands.FlushToDisk(file);
        return head;
    }

    private async Task VerifyAsync(string path)
    {
        await using FileStream file = AuditKeyFile.Open(path);
        IReadOnlyList<AuditPublicKey>? trusted = line.Optional("Verb:Key") is { } keys ? AuditKeyFile.Read(keys) : null;
        AuditExportVerification found = await AuditExport.VerifyAsync(file, trusted ?? []);
        if (trusted is null && found.Header is { } header)
        {
            file.Position = 0;
            found = await AuditExport.VerifyAsync(file, header.Keys);
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
