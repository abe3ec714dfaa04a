using System.CommandLine;

namespace Watchword.Cli.Commands;

/// <summary>Options that stand before or behind any command.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Name of the environment variable that <c>--home</c> overrides.</summary>
    public const string HomeVariable = "WATCHWORD_HOME";

    /// <summary>Name of the environment variable that <c>--profile</c> overrides.</summary>
    public const string ProfileVariable = "WATCHWORD_PROFILE";

    /// <summary>One JSON object on standard output.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "print one JSON object on standard output",
        Recursive = true,
    };

    /// <summary>Which user's log-in and keys.</summary>
    public Option<string?> Profile { get; } = new("--profile")
    {
        Description = "whose log-in and keys to use (default: $WATCHWORD_PROFILE or `default`)",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>Where the profiles are.</summary>
    public Option<string?> Home { get; } = new("--home")
    {
        Description = "directory of the profiles "
            + "(default: $WATCHWORD_HOME, $XDG_DATA_HOME/watchword or ~/.local/share/watchword)",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <summary>Key file that unlocks the key store.</summary>
    public Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = "unlock the key store by this file of mode 0600 "
            + "(default: the one the profile was made with, else a prompt)",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>File with the passphrase of the key store.</summary>
    public Option<string?> PassphraseFile { get; } = new("--passphrase-file")
    {
        Description = "unlock the key store by the passphrase in this file of mode 0600",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>All of them, in the order of the documentation.</summary>
    public IReadOnlyList<Option> All => [Json, Profile, Home, KeyFile, PassphraseFile];
}
