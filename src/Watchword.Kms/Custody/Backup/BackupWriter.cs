using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>What became of a backup.</summary>
/// <param name="RecoveryKeyId">The recovery key that opens it.</param>
/// <param name="Documents">Custody documents in it.</param>
/// <param name="Generations">Generations of domains.</param>
/// <param name="Samples">Identities by which it is verified.</param>
/// <param name="HasStore">True if the store is in it.</param>
public sealed record BackupSummary(string RecoveryKeyId, int Documents, int Generations, int Samples, bool HasStore);

/// <summary>
/// Writes backups. Inside the encryption stand entries: the manifest, each custody document with its data key, and if the caller
/// gives it the store; the last one says who made it (<see cref="BackupOrigin"/>).
/// <code>
/// entry = length of the name, 16 bits | name | blocks (length, 32 bits, 1 to 65536 | octets) | 32 zero bits
/// end   = 16 zero bits
/// </code>
/// Master secrets are never in clear, not even here: a document stays sealed under its data key.
/// </summary>
public sealed class BackupWriter(EnvelopeCustody custody, TimeProvider time)
{
    internal const string ManifestName = "manifest";
    internal const string StoreName = "store";
    internal const string DocumentPrefix = "document/";

    /// <summary>Writes a backup. Needs no share holder.</summary>
    /// <param name="destination">Where to; whole only when this returns.</param>
    /// <param name="generations">All generations of all domains.</param>
    /// <param name="audit">The audit log, for the samples and its head.</param>
    /// <param name="openStore">Begins an export of the store, which is read to its end and disposed; null if the store is kept
    /// otherwise. Called after the head of the audit log was read, so that the export holds at least that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoRecoveryKey"/>; or custody does not open whole.</exception>
    public async Task<BackupSummary> WriteAsync(
        Stream destination, IReadOnlyList<DomainRecord> generations, IAuditStore audit,
        Func<CancellationToken, Task<Stream>>? openStore = null, CancellationToken cancellationToken = default)
    {
        AuditHead head = await audit.GetAuditHeadAsync(cancellationToken).ConfigureAwait(false);
        BackupManifest manifest = new()
        {
            Format = BackupManifest.FormatName,
            CreatedAt = time.GetUtcNow(),
            Domains = [.. generations.Select(BackupDomain.From)],
            Samples = await BackupSampling.TakeAsync(generations, audit, custody, time, cancellationToken).ConfigureAwait(false),
            Documents = [],
            AuditSequence = head.Sequence,
            AuditHash = head.Hash.ToArray(),
            HasStore = openStore is not null,
        };
        return await WriteAsync(destination, manifest, openStore, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a backup with these facts and the documents that custody has.</summary>
    internal async Task<BackupSummary> WriteAsync(
        Stream destination, BackupManifest manifest, Func<CancellationToken, Task<Stream>>? openStore,
        CancellationToken cancellationToken)
    {
        RecoveryPublicKey recovery = await new RecoveryKeys(custody).FindAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsError.NoRecoveryKey);
        // Made at first use, and then one of the documents.
        (await custody.OpenAuditSigningKeyAsync(cancellationToken).ConfigureAwait(false)).Dispose();
        IReadOnlyList<string> documents = await custody.Documents.ListAsync(cancellationToken).ConfigureAwait(false);
        byte[] first = (manifest with { Documents = documents }).Write();
        using BackupSealer sealer = await BackupSealer.BeginAsync(destination, recovery, cancellationToken).ConfigureAwait(false);
        await WriteEntryAsync(sealer, ManifestName, new MemoryStream(first), cancellationToken).ConfigureAwait(false);
        foreach (string name in documents)
        {
            await WriteDocumentAsync(sealer, name, cancellationToken).ConfigureAwait(false);
        }

        if (openStore is not null)
        {
            using Stream store = await openStore(cancellationToken).ConfigureAwait(false);
            await WriteEntryAsync(sealer, StoreName, store, cancellationToken).ConfigureAwait(false);
        }

        using (AuditSigningKey signer = await custody.OpenAuditSigningKeyAsync(cancellationToken).ConfigureAwait(false))
        {
            await WriteEntryAsync(
                sealer, BackupOrigin.EntryName, new MemoryStream(BackupOrigin.Sign(sealer.Digest(), signer)), cancellationToken)
                .ConfigureAwait(false);
        }

        await sealer.WriteAsync(new byte[sizeof(ushort)], cancellationToken).ConfigureAwait(false);
        await sealer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new BackupSummary(
            recovery.KeyId, documents.Count, manifest.Domains.Count, manifest.Samples.Count, manifest.HasStore);
    }

    private async Task WriteDocumentAsync(BackupSealer sealer, string name, CancellationToken cancellationToken)
    {
        byte[] content = await custody.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        using OpenDocument document = await custody.OpenAsync(content, name, cancellationToken).ConfigureAwait(false);
        document.Check();
        byte[] envelope = document.Envelope.Write();
        byte[] entry = GC.AllocateUninitializedArray<byte>(LocalKeyEncryptionKey.SizeInBytes + envelope.Length, pinned: true);
        try
        {
            document.DataKey.Export(entry);
            envelope.CopyTo(entry.AsSpan(LocalKeyEncryptionKey.SizeInBytes));
            await WriteEntryAsync(sealer, DocumentPrefix + name, new MemoryStream(entry), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(entry);
        }
    }

    private static async Task WriteEntryAsync(
        BackupSealer sealer, string name, Stream content, CancellationToken cancellationToken)
    {
        byte[] octets = Encoding.UTF8.GetBytes(name);
        byte[] length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)octets.Length);
        await sealer.WriteAsync(length, cancellationToken).ConfigureAwait(false);
        await sealer.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
        byte[] block = GC.AllocateUninitializedArray<byte>(sizeof(uint) + BackupCipher.ChunkOctets, pinned: true);
        try
        {
            int read;
            do
            {
                read = await content.ReadAtLeastAsync(
                    block.AsMemory(sizeof(uint)), BackupCipher.ChunkOctets, throwOnEndOfStream: false, cancellationToken)
                    .ConfigureAwait(false);
                BinaryPrimitives.WriteUInt32BigEndian(block, (uint)read);
                await sealer.WriteAsync(block.AsMemory(0, sizeof(uint) + read), cancellationToken).ConfigureAwait(false);
            }
            while (read > 0);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }
}
