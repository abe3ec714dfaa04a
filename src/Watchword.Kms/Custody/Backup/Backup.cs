using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>What the verification of a backup proved.</summary>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Documents">Custody documents that opened.</param>
/// <param name="Generations">Generations whose secrets give their public keys.</param>
/// <param name="IssuedSamples">Identities from the audit log that derive the public token that was given out.</param>
/// <param name="TestSamples">Test identities that derive the recorded public token.</param>
/// <param name="AuditSequence">The last audit record at that time.</param>
/// <param name="AuditHash">Its hash.</param>
/// <param name="StoreOctets">Length of the store in it; null if it has none.</param>
public sealed record BackupReport(
    DateTimeOffset CreatedAt, int Documents, int Generations, int IssuedSamples, int TestSamples, long AuditSequence,
    ReadOnlyMemory<byte> AuditHash, long? StoreOctets);

/// <summary>A backup that was opened and read to its end. Holds data keys: dispose it.</summary>
public sealed class Backup : IDisposable
{
    private const int MaxManifestOctets = 64 * 1024 * 1024;
    private const int MaxDocumentOctets = LocalKeyEncryptionKey.SizeInBytes + ICustodyDocuments.MaxOctets;
    private const int MaxDocuments = 16 * 1024;

    private readonly BackupManifest _manifest;
    private readonly Dictionary<string, OpenDocument> _documents = new(StringComparer.Ordinal);
    private long? _storeOctets;

    private Backup(BackupManifest manifest) => _manifest = manifest;

    /// <summary>All generations of all domains.</summary>
    public IReadOnlyList<DomainRecord> Generations => [.. _manifest.Domains.Select(domain => domain.ToRecord())];

    /// <summary>Who made it; null for a backup of an earlier version, which does not say.</summary>
    public BackupOrigin? Origin { get; private set; }

    /// <summary>Requires that one of these keys signed the whole backup.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.BackupOriginUnproven"/>.</exception>
    public void RequireOrigin(IReadOnlyList<AuditPublicKey> trusted)
    {
        if (Origin is not { IsSigned: true } origin || trusted.All(key => key.KeyId != origin.Key.KeyId))
        {
            throw new KmsException(
                KmsError.BackupOriginUnproven, Origin is null ? "it does not say who made it" : $"signed by {Origin.Key.KeyId}");
        }
    }

    /// <summary>True if the store is in it.</summary>
    public bool HasStore => _storeOctets is not null;

    /// <summary>Opens a backup and reads it to its end; what is not whole and unchanged is refused.</summary>
    /// <param name="source">The backup.</param>
    /// <param name="recovery">The private recovery key; stays with the caller.</param>
    /// <param name="store">Where the store goes; null to pass over it. Worth something only when this returns.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.BackupMalformed"/>, <see cref="KmsError.BackupNotOpened"/>.</exception>
    public static async Task<Backup> OpenAsync(
        Stream source, RecoveryPrivateKey recovery, Stream? store = null, CancellationToken cancellationToken = default)
    {
        using BackupOpener opener = await BackupOpener.BeginAsync(source, recovery, cancellationToken).ConfigureAwait(false);
        if (await ReadNameAsync(opener, cancellationToken).ConfigureAwait(false) != BackupWriter.ManifestName)
        {
            throw new KmsException(KmsError.BackupMalformed, "the manifest is not first");
        }

        Backup? backup = new(BackupManifest.Read(
            await ReadContentAsync(opener, MaxManifestOctets, cancellationToken).ConfigureAwait(false)));
        try
        {
            byte[] before = opener.Digest();
            while (await ReadNameAsync(opener, cancellationToken).ConfigureAwait(false) is { Length: > 0 } name)
            {
                if (name == BackupOrigin.EntryName && backup.Origin is null)
                {
                    backup.Origin = BackupOrigin.Read(
                        await ReadContentAsync(opener, BackupOrigin.MaxOctets, cancellationToken).ConfigureAwait(false), before);
                }
                else if (backup.Origin is null)
                {
                    await backup.ReadEntryAsync(opener, name, store, cancellationToken).ConfigureAwait(false);
                    before = opener.Digest();
                }
                else
                {
                    // Behind the signature nothing is signed.
                    throw new KmsException(KmsError.BackupMalformed, "an entry behind the last");
                }
            }

            if (!await opener.IsAtEndAsync(cancellationToken).ConfigureAwait(false) || !backup.IsComplete)
            {
                throw new KmsException(KmsError.BackupMalformed, "entries are missing or left over");
            }

            Backup opened = backup;
            backup = null;
            return opened;
        }
        finally
        {
            backup?.Dispose();
        }
    }

    /// <summary>
    /// Proves that this backup is the installation: every document opens, the master secrets of every generation give its KPAK
    /// and Z, and every sampled identity derives the UID and the PVT that were recorded, with a key set that passes the checks
    /// of a client.
    /// </summary>
    /// <exception cref="KmsException"><see cref="KmsError.BackupVerificationFailed"/>, with what differs.</exception>
    public async Task<BackupReport> VerifyAsync(CancellationToken cancellationToken = default)
    {
        using EphemeralCustody custody = new();
        await RestoreAsync(custody, cancellationToken).ConfigureAwait(false);
        Dictionary<(string, int), (OpenedGeneration Domain, SelfCheck Check)> open = [];
        try
        {
            foreach (DomainRecord record in Generations)
            {
                OpenedGeneration domain = await OpenAsync(record, custody, cancellationToken).ConfigureAwait(false);
                open.Add((record.KmsUri, record.Generation), (domain, new SelfCheck(domain.Certificate, fullCheckRate: 0)));
            }

            foreach (BackupSample sample in _manifest.Samples)
            {
                if (!open.TryGetValue((sample.KmsUri, sample.Generation), out (OpenedGeneration Domain, SelfCheck Check) of)
                    || !Derives(of.Domain, of.Check, sample))
                {
                    throw Differs($"{sample.KmsUri}, generation {sample.Generation}, period {sample.PeriodNumber}");
                }
            }
        }
        finally
        {
            foreach ((OpenedGeneration domain, _) in open.Values)
            {
                domain.Dispose();
            }
        }

        int issued = _manifest.Samples.Count(sample => sample.WasIssued);
        return new BackupReport(
            _manifest.CreatedAt, _documents.Count, open.Count, issued, _manifest.Samples.Count - issued,
            _manifest.AuditSequence, _manifest.AuditHash, _storeOctets);
    }

    /// <summary>Writes the custody documents into an empty installation, under its own key-encryption key.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyNotEmpty"/>.</exception>
    public async Task<int> RestoreAsync(EnvelopeCustody target, CancellationToken cancellationToken = default)
    {
        if ((await target.Documents.ListAsync(cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            throw new KmsException(KmsError.CustodyNotEmpty);
        }

        IKeyEncryptionKey key = await target.Keys.OpenCurrentAsync(cancellationToken).ConfigureAwait(false);
        foreach ((string name, OpenDocument document) in _documents)
        {
            byte[] content = document.Envelope.Rewrap(document.DataKey, key).Write();
            if (!await target.Documents.TryCreateAsync(name, content, cancellationToken).ConfigureAwait(false))
            {
                throw new KmsException(KmsError.CustodyNotEmpty, name);
            }
        }

        return await new CustodyRewrapping(target).FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Zeroes the data keys.</summary>
    public void Dispose()
    {
        foreach (OpenDocument document in _documents.Values)
        {
            document.Dispose();
        }

        _documents.Clear();
    }

    private bool IsComplete =>
        _documents.Count == _manifest.Documents.Count
        && _manifest.Documents.All(_documents.ContainsKey)
        && _manifest.HasStore == _storeOctets.HasValue
        && (_manifest.Format == BackupManifest.FirstFormatName) == (Origin is null)
        && Origin is not { IsSigned: false };

    private static async Task<OpenedGeneration> OpenAsync(
        DomainRecord record, EphemeralCustody custody, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenedGeneration.OpenAsync(record, custody, cancellationToken).ConfigureAwait(false);
        }
        catch (KmsException fault)
        {
            throw Differs($"{record.KmsUri}, generation {record.Generation}: {fault.Error}", fault);
        }
    }

    private static bool Derives(OpenedGeneration domain, SelfCheck check, BackupSample sample)
    {
        try
        {
            return domain.Certificate.UserIdFor(sample.UserUri, sample.PeriodNumber).Octets.SequenceEqual(sample.UserId)
                && BackupSampling.Derive(domain, check, sample.UserUri, sample.PeriodNumber)
                    .AsSpan().SequenceEqual(sample.PublicTokenHash);
        }
        catch (Exception fault) when (fault is KmsException or ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static KmsException Differs(string what, Exception? fault = null) =>
        new(KmsError.BackupVerificationFailed, what, fault);

    private async Task ReadEntryAsync(BackupOpener opener, string name, Stream? store, CancellationToken cancellationToken)
    {
        if (name == BackupWriter.StoreName && _storeOctets is null)
        {
            _storeOctets = await CopyContentAsync(opener, store ?? Stream.Null, long.MaxValue, cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        if (!name.StartsWith(BackupWriter.DocumentPrefix, StringComparison.Ordinal) || _documents.Count == MaxDocuments)
        {
            throw new KmsException(KmsError.BackupMalformed, "an entry that does not belong there");
        }

        string document = name[BackupWriter.DocumentPrefix.Length..];
        byte[] content = GC.AllocateArray<byte>(MaxDocumentOctets, pinned: true);
        try
        {
            int length = (int)await CopyContentAsync(opener, new MemoryStream(content), content.Length, cancellationToken)
                .ConfigureAwait(false);
            if (length <= LocalKeyEncryptionKey.SizeInBytes)
            {
                throw new KmsException(KmsError.BackupMalformed, document);
            }

            const int keyOctets = LocalKeyEncryptionKey.SizeInBytes;
            CustodyEnvelope envelope = CustodyEnvelope.Read(content.AsSpan(keyOctets, length - keyOctets), document);
            OpenDocument opened = new(envelope, new CustodySecret(content.AsSpan(0, keyOctets)));
            if (envelope.Place.Name != document || !_documents.TryAdd(document, opened))
            {
                opened.Dispose();
                throw new KmsException(KmsError.BackupMalformed, document);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static async Task<string> ReadNameAsync(BackupOpener opener, CancellationToken cancellationToken)
    {
        byte[] length = new byte[sizeof(ushort)];
        await opener.ReadAsync(length, cancellationToken).ConfigureAwait(false);
        byte[] name = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await opener.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(name);
    }

    private static async Task<byte[]> ReadContentAsync(BackupOpener opener, int maxOctets, CancellationToken cancellationToken)
    {
        using MemoryStream content = new();
        await CopyContentAsync(opener, content, maxOctets, cancellationToken).ConfigureAwait(false);
        return content.ToArray();
    }

    private static async Task<long> CopyContentAsync(
        BackupOpener opener, Stream destination, long maxOctets, CancellationToken cancellationToken)
    {
        byte[] length = new byte[sizeof(uint)];
        byte[] block = GC.AllocateUninitializedArray<byte>(BackupCipher.ChunkOctets, pinned: true);
        long copied = 0;
        try
        {
            while (true)
            {
                await opener.ReadAsync(length, cancellationToken).ConfigureAwait(false);
                uint size = BinaryPrimitives.ReadUInt32BigEndian(length);
                if (size == 0)
                {
                    return copied;
                }

                if (size > block.Length || copied + size > maxOctets)
                {
                    throw new KmsException(KmsError.BackupMalformed, "an entry is too long");
                }

                await opener.ReadAsync(block.AsMemory(0, (int)size), cancellationToken).ConfigureAwait(false);
                await destination.WriteAsync(block.AsMemory(0, (int)size), cancellationToken).ConfigureAwait(false);
                copied += size;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }
}
