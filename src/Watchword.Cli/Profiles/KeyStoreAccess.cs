using Watchword.Cli.Commands;
using Watchword.Cli.Secrets;
using Watchword.Client;

namespace Watchword.Cli.Profiles;

/// <summary>How the key store of a profile is unlocked: option, then what the profile remembers, then a prompt.</summary>
internal static class KeyStoreAccess
{
    /// <summary>Shortest passphrase of a new store, in octets. An offline guesser has the file and all the time.</summary>
    public const int MinPassphraseOctets = 8;

    private const string Hint = "give --key-file or --passphrase-file; a file of mode 0600";

    /// <summary>Finds the secret for an existing store.</summary>
    public static KeyStoreUnlock Existing(Invocation invocation, ProfileLocation location, ProfileSettings? settings)
    {
        if (Given(invocation) is { } given)
        {
            return given;
        }

        if (settings?.KeyFile is { } remembered)
        {
            return KeyStoreUnlock.FromKeyFile(remembered);
        }

        using SecretText passphrase = SecretInput.Prompt(invocation.Io, $"passphrase of profile {location.Name}", Hint);
        return FromPassphrase(passphrase);
    }

    /// <summary>Finds or makes the secret for a new store; gives the path of the key file to remember, if it is one.</summary>
    public static (KeyStoreUnlock Unlock, string? KeyFile) New(
        Invocation invocation, ProfileLocation location, string? newKeyFile)
    {
        if (newKeyFile is not null)
        {
            string path = Path.GetFullPath(newKeyFile);
            KeyStoreUnlock.CreateKeyFile(path);
            return (KeyStoreUnlock.FromKeyFile(path), path);
        }

        if (Given(invocation) is { } given)
        {
            return (given, invocation.Get(invocation.Options.KeyFile) is { } file ? Path.GetFullPath(file) : null);
        }

        using SecretText passphrase = SecretInput.PromptNew(
            invocation.Io,
            $"passphrase for profile {location.Name}",
            MinPassphraseOctets,
            "give --new-key-file, --key-file or --passphrase-file");
        return (FromPassphrase(passphrase), null);
    }

    private static KeyStoreUnlock? Given(Invocation invocation)
    {
        string? keyFile = invocation.Get(invocation.Options.KeyFile);
        string? passphraseFile = invocation.Get(invocation.Options.PassphraseFile);
        if (keyFile is not null && passphraseFile is not null)
        {
            throw new CliException(ExitCode.Usage, "--key-file and --passphrase-file exclude each other");
        }

        if (keyFile is not null)
        {
            return KeyStoreUnlock.FromKeyFile(keyFile);
        }

        if (passphraseFile is null)
        {
            return null;
        }

        using SecretText passphrase = SecretInput.FromFile(passphraseFile, "passphrase");
        return FromPassphrase(passphrase);
    }

    private static KeyStoreUnlock FromPassphrase(SecretText passphrase) => passphrase.Use(KeyStoreUnlock.FromPassphrase);
}
