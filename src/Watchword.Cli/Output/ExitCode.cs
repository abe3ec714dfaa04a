namespace Watchword.Cli;

/// <summary>
/// What the command tells its caller. The set is closed and the numbers never change their meaning: scripts branch on them.
/// </summary>
public enum ExitCode
{
    /// <summary>The command did what it says.</summary>
    Success = 0,

    /// <summary>A fault of the program itself; report it.</summary>
    Internal = 1,

    /// <summary>The command line is wrong, or something it needs was not given.</summary>
    Usage = 2,

    /// <summary>There is no profile or no log-in that still holds.</summary>
    NotLoggedIn = 3,

    /// <summary>The request was understood and refused: the user or this machine is not entitled to it.</summary>
    Refused = 4,

    /// <summary>A server could not be reached, failed, or has an X.509 certificate that is not trusted.</summary>
    Unreachable = 5,

    /// <summary>
    /// The key store cannot be opened: no passphrase or key file, a wrong one, or files that are open to others.
    /// </summary>
    Locked = 6,

    /// <summary>The key store has nothing that fits: no key set, no KMS certificate.</summary>
    NotFound = 7,

    /// <summary>A token, key set or message failed a cryptographic, freshness or identity check.</summary>
    CheckFailed = 8,

    /// <summary>A file, message or answer is malformed.</summary>
    Malformed = 9,

    /// <summary>Interrupted by the user (Ctrl-C).</summary>
    Cancelled = 130,
}

/// <summary>The table of exit codes as the documentation and the help show it.</summary>
internal static class ExitCodes
{
    /// <summary>Every code with its meaning, in ascending order.</summary>
    public static IReadOnlyList<(ExitCode Code, string Meaning)> Table { get; } =
    [
        (ExitCode.Success, "the command did what it says"),
        (ExitCode.Internal, "a fault of the program itself; report it"),
        (ExitCode.Usage, "the command line is wrong, or something it needs was not given"),
        (ExitCode.NotLoggedIn, "there is no profile, or no log-in that still holds"),
        (ExitCode.Refused, "the request was understood and refused: there is no entitlement to it"),
        (ExitCode.Unreachable, "a server could not be reached, failed, or has an X.509 certificate that is not trusted"),
        (ExitCode.Locked, "the key store cannot be opened: a wrong passphrase or key file, or files that are open to others"),
        (ExitCode.NotFound, "the key store has nothing that fits: no key set, no KMS certificate"),
        (ExitCode.CheckFailed, "a token, key set or message failed a cryptographic, freshness or identity check"),
        (ExitCode.Malformed, "a file, message or answer is malformed"),
        (ExitCode.Cancelled, "interrupted by the user (Ctrl-C)"),
    ];
}
