namespace Watchword.Kms.Server.Configuration;

/// <summary>The directory with everything that a KMS keeps: the database and the custody files.</summary>
internal sealed class DataDirectory(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Path { get; } = path;

    public string DatabasePath { get; } = System.IO.Path.Combine(path, "kms.db");

    /// <summary>True if the configuration names none.</summary>
    public bool IsUnnamed { get; } = path.Length == 0;

    /// <summary>Makes the directory for its owner only; one that exists must be so already.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>,
    /// <see cref="KmsError.SecretFilePermissions"/>.</exception>
    public void Create()
    {
        RequireOwnerOnly();
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path);
            }
            else if (!Directory.Exists(Path))
            {
                Directory.CreateDirectory(Path, OwnerOnly);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.StoreUnavailable, Path, fault);
        }
    }

    /// <summary>Who can enter the directory can read who is keyed for what: nobody but the owner may.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SecretFilePermissions"/>.</exception>
    public void RequireOwnerOnly()
    {
        if (!OperatingSystem.IsWindows() && Directory.Exists(Path) && (File.GetUnixFileMode(Path) & ~OwnerOnly) != 0)
        {
            throw new KmsException(KmsError.SecretFilePermissions, Path);
        }
    }

    /// <summary>The custody documents of this directory.</summary>
    public DirectoryDocuments Documents => new(Path);
}
