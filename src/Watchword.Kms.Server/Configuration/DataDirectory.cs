namespace Watchword.Kms.Server.Configuration;

/// <summary>The directory with everything that a KMS keeps: the database and the custody files.</summary>
internal sealed class DataDirectory(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string DatabasePath { get; } = Path.Combine(path, "kms.db");

    /// <summary>Makes the directory for its owner only; one that exists stays as it is.</summary>
    public void Create()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path, OwnerOnly);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.StoreUnavailable, path, fault);
        }
    }

    public WrappedFileCustody Custody(string? keyFile, string? passphraseFile) => new(
        path,
        keyFile is not null
            ? KeyEncryptionKeySource.FromKeyFile(keyFile)
            : KeyEncryptionKeySource.FromPassphraseFile(passphraseFile!));
}
