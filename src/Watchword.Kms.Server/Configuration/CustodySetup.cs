namespace Watchword.Kms.Server.Configuration;

/// <summary>Makes custody of what the configuration names.</summary>
internal static class CustodySetup
{
    /// <summary>Custody over the documents of a data directory; the caller disposes it.</summary>
    public static EnvelopeCustody Open(CustodyOptions options, DataDirectory data) => new(
        data.Documents, SourceOf(options));

    private static KeyEncryptionKeySource SourceOf(CustodyOptions options) => options.KeyEncryptionKeyFile is { } file
        ? KeyEncryptionKeySource.FromKeyFile(file)
        : KeyEncryptionKeySource.FromPassphraseFile(options.PassphraseFile!);
}
