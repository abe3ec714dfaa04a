using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Pkcs11;
using Watchword.Kms.Server.Commands;

namespace Watchword.Kms.Server.Configuration;

/// <summary>Makes custody of what the configuration names.</summary>
internal static class CustodySetup
{
    /// <summary>True if custody cannot be had without the store.</summary>
    public static bool NeedsStore(CustodyOptions options, StoreSettings settings) =>
        !settings.IsFile && options.Documents != CustodyPlaceKind.Directory;

    /// <summary>Custody over the documents of an installation; the caller disposes it, and keeps the store as long.</summary>
    /// <param name="options">The key-encryption keys, and where the documents are.</param>
    /// <param name="data">The data directory.</param>
    /// <param name="settings">Which store it is.</param>
    /// <param name="store">The store; null where <see cref="NeedsStore"/> says no.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>: the documents are in both places, or cannot be
    /// where the configuration says; <see cref="KmsError.CustodyDocumentMissing"/>: they are in neither, and the store has
    /// domains.</exception>
    public static async Task<EnvelopeCustody> OpenAsync(
        CustodyOptions options, DataDirectory data, StoreSettings settings, KmsStore? store,
        CancellationToken cancellationToken = default) =>
        Open(options, await DocumentsAsync(options, data, settings, store, cancellationToken));

    /// <summary>Custody over these documents; the caller disposes it.</summary>
    public static EnvelopeCustody Open(CustodyOptions options, ICustodyDocuments documents) => new(
        documents, SourceOf(options), options.Previous is { } previous ? SourceOf(previous) : null);

    private static async Task<ICustodyDocuments> DocumentsAsync(
        CustodyOptions options, DataDirectory data, StoreSettings settings, KmsStore? store, CancellationToken cancellationToken)
    {
        if (options.Documents == CustodyPlaceKind.Database && settings.IsFile)
        {
            throw new KmsException(
                KmsError.ConfigurationInvalid, "Kms:Custody:Documents is Database, which needs Kms:Store:Provider PostgreSql");
        }

        if (!NeedsStore(options, settings))
        {
            return data.Documents;
        }

        ICustodyDocuments database = store!.CustodyDocuments;
        if (options.Documents == CustodyPlaceKind.Database)
        {
            return database;
        }

        bool inDatabase = (await database.ListAsync(cancellationToken)).Count > 0;
        bool inDirectory = Directory.Exists(data.Path) && (await data.Documents.ListAsync(cancellationToken)).Count > 0;
        if (inDatabase && inDirectory)
        {
            throw new KmsException(
                KmsError.ConfigurationInvalid,
                $"custody documents are in {data.Path} and in the database: write Kms:Custody:Documents, or finish the move");
        }

        // A node that found nothing would make keys of its own, which open nothing of what the others sealed.
        return inDirectory ? data.Documents
            : inDatabase || (await store.FindGenerationsAsync(cancellationToken)).Count == 0 ? database
            : throw new KmsException(
                KmsError.CustodyDocumentMissing, $"neither {data.Path} nor the database has any, and the store has domains");
    }

    /// <summary>The key of a token.</summary>
    public static TokenKeySource TokenKeyOf(Pkcs11Options options) => new(new TokenKeyOptions
    {
        Library = options.Library,
        TokenLabel = options.TokenLabel,
        KeyLabel = options.KeyLabel,
        KeyId = options.KeyId,
        Mechanism = options.Mechanism,
        Pin = PinOf(options),
    });

    private static IKeyEncryptionKeySource SourceOf(CustodyOptions options) => options switch
    {
        { KeyEncryptionKeyFile: { } file } => KeyEncryptionKeySource.FromKeyFile(file),
        { PassphraseFile: { } file } => KeyEncryptionKeySource.FromPassphraseFile(file),
        { Pkcs11: { } token } => TokenKeyOf(token),
        { SharesFromStandardInput: true } =>
            KeyEncryptionKeySource.FromShares(new StandardInputShares(ShareKind.KeyEncryptionKey)),
        _ => KeyEncryptionKeySource.FromShares(new ShareFiles(ShareKind.KeyEncryptionKey, options.ShareFiles)),
    };

    private static IUnlockSource PinOf(Pkcs11Options options) => options switch
    {
        { PinFile: { } file } => new SecretFile(file),
        { PinSharesFromStandardInput: true } => new StandardInputShares(ShareKind.TokenPin),
        _ => new ShareFiles(ShareKind.TokenPin, options.PinShareFiles),
    };
}
