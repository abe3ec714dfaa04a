using Watchword.Kms.Pkcs11;
using Watchword.Kms.Server.Commands;

namespace Watchword.Kms.Server.Configuration;

/// <summary>Makes custody of what the configuration names.</summary>
internal static class CustodySetup
{
    /// <summary>Custody over the documents of a data directory; the caller disposes it.</summary>
    public static EnvelopeCustody Open(CustodyOptions options, DataDirectory data) => new(
        data.Documents, SourceOf(options), options.Previous is { } previous ? SourceOf(previous) : null);

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
