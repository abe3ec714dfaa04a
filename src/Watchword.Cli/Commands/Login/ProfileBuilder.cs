using Watchword.Cli.Profiles;
using Watchword.Client;

namespace Watchword.Cli.Commands.Login;

/// <summary>
/// A profile that a log-in opens or makes. What it made is taken away again unless <see cref="Keep"/> is called.
/// </summary>
internal sealed class ProfileBuilder : IDisposable
{
    private readonly string? madeKeyFile;
    private bool kept;
    private bool released;

    private ProfileBuilder(ProfileLocation location, ProfileSettings settings, KeyStore store, bool created, string? madeKeyFile)
    {
        Location = location;
        Settings = settings;
        Store = store;
        Created = created;
        this.madeKeyFile = madeKeyFile;
    }

    /// <summary>Where the profile is.</summary>
    public ProfileLocation Location { get; }

    /// <summary>The settings that <see cref="Keep"/> writes.</summary>
    public ProfileSettings Settings { get; }

    /// <summary>The unlocked key store.</summary>
    public KeyStore Store { get; }

    /// <summary>True if the key store is new.</summary>
    public bool Created { get; }

    /// <summary>Opens the key store, or makes one.</summary>
    public static async Task<ProfileBuilder> OpenAsync(
        Invocation invocation,
        ProfileLocation location,
        ProfileSettings settings,
        string? newKeyFile,
        CancellationToken cancellationToken)
    {
        bool exists = KeyStore.Exists(location.Directory);
        if (exists)
        {
            // The same line twice, from the history of a shell, is a log-in and not a fault.
            if (newKeyFile is not null && Path.GetFullPath(newKeyFile) != settings.KeyFile)
            {
                throw new CliException(ExitCode.Usage, $"profile {location.Name} has a key store already")
                {
                    Hint = "leave --new-key-file out, or name another profile",
                };
            }

            using KeyStoreUnlock unlock = KeyStoreAccess.Existing(invocation, location, settings);
            KeyStore store = await KeyStore.OpenAsync(
                location.Directory, unlock, invocation.Io.Clock, cancellationToken: cancellationToken);
            return new ProfileBuilder(location, settings, store, created: false, madeKeyFile: null);
        }

        (KeyStoreUnlock fresh, string? keyFile) = KeyStoreAccess.New(invocation, location, newKeyFile);
        using (fresh)
        {
            location.Create();
            KeyStore store = await KeyStore.CreateAsync(
                location.Directory, fresh, invocation.Io.Clock, cancellationToken: cancellationToken);
            return new ProfileBuilder(
                location, settings with { KeyFile = keyFile }, store, created: true, newKeyFile is null ? null : keyFile);
        }
    }

    /// <summary>Writes the settings: from now on the profile stays.</summary>
    public void Keep()
    {
        Settings.Write(Location);
        kept = true;
    }

    /// <summary>The key store, which from now on is the caller's to dispose. The profile stays.</summary>
    public KeyStore Release()
    {
        released = true;
        return Store;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (released)
        {
            return;
        }

        Store.Dispose();
        if (kept || !Created)
        {
            return;
        }

        Directory.Delete(Location.Directory, recursive: true);
        if (madeKeyFile is not null)
        {
            File.Delete(madeKeyFile);
        }
    }
}
