using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// Custody of everything secret that a KMS keeps: master secrets, sealing keys, the audit signing key, each in a document under a
/// data key of its own, which the key-encryption key wraps. Nothing is ever stored in clear.
/// </summary>
public class EnvelopeCustody : IMasterSecretCustody, IDisposable
{
    // A sealing key is the data key of its document.
    private static readonly Dictionary<string, SealedSecret> NoSecrets = [];

    private readonly ICustodyDocuments _documents;
    private readonly CustodyKeys _keys;

    /// <summary>Custody over documents and keys.</summary>
    /// <param name="documents">Where the documents are.</param>
    /// <param name="current">The key-encryption key that wraps whatever is new.</param>
    /// <param name="previous">While re-wrapping: the one before, which only opens.</param>
    public EnvelopeCustody(
        ICustodyDocuments documents, IKeyEncryptionKeySource current, IKeyEncryptionKeySource? previous = null)
    {
        _documents = documents;
        _keys = new CustodyKeys(current, previous);
    }

    internal ICustodyDocuments Documents => _documents;

    internal CustodyKeys Keys => _keys;

    /// <summary>The name of the document with the master secrets of a generation.</summary>
    public static string DocumentOf(string kmsUri, int generation) =>
        new CustodyPlace(CustodyKind.MasterSecrets, kmsUri, generation).Name;

    /// <inheritdoc/>
    public async Task StoreAsync(
        string kmsUri, int generation, MasterSecrets secrets, CancellationToken cancellationToken = default)
    {
        CustodyPlace place = new(CustodyKind.MasterSecrets, kmsUri, generation);
        bool created = await TryCreateAsync(
            place, cipher => MasterSecretsSeal.Seal(secrets, cipher, place.AssociatedData), cancellationToken)
            .ConfigureAwait(false);
        if (!created)
        {
            throw new KmsException(KmsError.CustodyWithoutDomain, place.Name);
        }
    }

    /// <inheritdoc/>
    public async Task<MasterSecrets> OpenAsync(string kmsUri, int generation, CancellationToken cancellationToken = default)
    {
        CustodyPlace place = new(CustodyKind.MasterSecrets, kmsUri, generation);
        using OpenDocument document = await FindAsync(place, cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsError.CustodyDocumentMissing, $"{kmsUri}, generation {generation}");
        return document.OpenMasterSecrets();
    }

    /// <summary>Opens the sealer of a purpose in a domain; makes its key at first use. The caller disposes it.</summary>
    /// <param name="kmsUri">The domain.</param>
    /// <param name="purpose">Lower-case letters, digits and <c>-</c>, at most 32, for example <c>transport-keys</c>.</param>
    /// <param name="cancellationToken">Ends the waiting for an unseal.</param>
    public async Task<SecretSealer> OpenSealerAsync(
        string kmsUri, string purpose, CancellationToken cancellationToken = default)
    {
        CustodyPlace place = new(CustodyKind.SealingKey, kmsUri, Generation: 1, purpose);
        if (!place.IsValid)
        {
            throw new ArgumentException("A purpose has 1 to 32 lower-case letters, digits and hyphens.", nameof(purpose));
        }

        using OpenDocument document = await FindOrCreateAsync(place, _ => NoSecrets, cancellationToken).ConfigureAwait(false);
        return new SecretSealer(document.DataKey, place);
    }

    /// <summary>Opens the key that signs the audit log; makes it at first use. The caller disposes it.</summary>
    public async Task<AuditSigningKey> OpenAuditSigningKeyAsync(CancellationToken cancellationToken = default)
    {
        CustodyPlace place = new(CustodyKind.AuditSigningKey, string.Empty, Generation: 1);
        using OpenDocument document = await FindOrCreateAsync(
            place, cipher => AuditSigningKey.GenerateSealed(cipher, place), cancellationToken).ConfigureAwait(false);
        return AuditSigningKey.Open(document);
    }

    /// <summary>All documents, in the order of their names.</summary>
    public async Task<IReadOnlyList<CustodyDocument>> ListAsync(CancellationToken cancellationToken = default)
    {
        List<CustodyDocument> found = [];
        foreach (string name in await _documents.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            byte[] content = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
            (CustodyPlace place, KeyEncryptionKeyParameters key) = Describe(content, name);
            found.Add(new CustodyDocument(
                name, place.Kind, place.KmsUri, place.Generation, place.Purpose, key,
                await _keys.IsCurrentAsync(key, cancellationToken).ConfigureAwait(false)));
        }

        return found;
    }

    /// <summary>Closes the key-encryption keys.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the key-encryption keys.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _keys.Dispose();
        }
    }

    internal async Task<bool> TryCreateAsync(
        CustodyPlace place, Func<AesGcm, IReadOnlyDictionary<string, SealedSecret>> seal, CancellationToken cancellationToken)
    {
        await RequireConfiguredKeysAsync(cancellationToken).ConfigureAwait(false);
        using CustodySecret dataKey = CustodySecret.Random(LocalKeyEncryptionKey.SizeInBytes);
        using AesGcm cipher = new(dataKey.Span, SealedSecret.TagSizeInBytes);
        IKeyEncryptionKey key = await _keys.OpenCurrentAsync(cancellationToken).ConfigureAwait(false);
        CustodyEnvelope envelope = CustodyEnvelope.Wrap(place, dataKey, seal(cipher), key);
        return await _documents.TryCreateAsync(place.Name, envelope.Write(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the document of a place; null if there is none.</summary>
    internal async Task<OpenDocument?> FindAsync(CustodyPlace place, CancellationToken cancellationToken)
    {
        byte[]? content = await _documents.ReadAsync(place.Name, cancellationToken).ConfigureAwait(false);
        return content is null ? null : await OpenAsync(content, place.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a document by its content; one of the first format is turned into the second in memory.</summary>
    internal async Task<OpenDocument> OpenAsync(byte[] content, string name, CancellationToken cancellationToken)
    {
        (CustodyPlace place, KeyEncryptionKeyParameters stored) = Describe(content, name);
        IReadOnlyList<IKeyEncryptionKey> keys =
            await _keys.OpenForAsync(stored, name, cancellationToken).ConfigureAwait(false);
        if (FirstFormatDocument.ReadIfFirst(content, name) is not { } first)
        {
            CustodyEnvelope envelope = CustodyEnvelope.Read(content, name);
            return new OpenDocument(envelope, envelope.Unwrap(keys[0]));
        }

        using MasterSecrets secrets = first.Open(keys);
        CustodySecret dataKey = CustodySecret.Random(LocalKeyEncryptionKey.SizeInBytes);
        using AesGcm cipher = new(dataKey.Span, SealedSecret.TagSizeInBytes);
        return new OpenDocument(
            CustodyEnvelope.Wrap(place, dataKey, MasterSecretsSeal.Seal(secrets, cipher, place.AssociatedData), keys[0]),
            dataKey);
    }

    internal async Task<byte[]> ReadAsync(string name, CancellationToken cancellationToken) =>
        await _documents.ReadAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsError.CustodyChanged, name);

    // A node that was left with an old key-encryption key would otherwise make documents that no other node opens.
    private async Task RequireConfiguredKeysAsync(CancellationToken cancellationToken)
    {
        foreach (string name in await _documents.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            byte[] content = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
            await _keys.OpenForAsync(Describe(content, name).Key, name, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<OpenDocument> FindOrCreateAsync(
        CustodyPlace place, Func<AesGcm, IReadOnlyDictionary<string, SealedSecret>> seal, CancellationToken cancellationToken)
    {
        OpenDocument? found = await FindAsync(place, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            // Of two nodes that come here at once, one creates and both open what it created.
            await TryCreateAsync(place, seal, cancellationToken).ConfigureAwait(false);
            found = await FindAsync(place, cancellationToken).ConfigureAwait(false);
        }

        return found ?? throw new KmsException(KmsError.CustodyDocumentMissing, place.Name);
    }

    // The place is what the document says and what its name says: a renamed document is refused before anything is opened.
    private static (CustodyPlace Place, KeyEncryptionKeyParameters Key) Describe(byte[] content, string name)
    {
        (CustodyPlace place, KeyEncryptionKeyParameters key) = FirstFormatDocument.ReadIfFirst(content, name) is { } first
            ? (first.Place, first.Key)
            : CustodyEnvelope.Read(content, name) is { } envelope ? (envelope.Place, envelope.Key) : default;
        return place.Name == name
            ? (place, key)
            : throw new KmsException(KmsError.CustodyNotOpened, $"{name} is the document of another place");
    }
}
