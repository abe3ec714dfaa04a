using Watchword.Cli.Secrets;

namespace Watchword.Cli;

/// <summary>
/// Everything of the process's surroundings that a command uses, except files and the network: so that a test runs the whole
/// command in process.
/// </summary>
public interface IConsoleIo
{
    /// <summary>Results, and nothing else.</summary>
    TextWriter StandardOutput { get; }

    /// <summary>Errors, hints, progress.</summary>
    TextWriter StandardError { get; }

    /// <summary>Opens standard input as octets; the caller disposes it.</summary>
    Stream OpenInput();

    /// <summary>True where a person can answer a prompt.</summary>
    bool CanPrompt { get; }

    /// <summary>True where results go to a terminal: tables then fit its width.</summary>
    bool IsOutputTerminal { get; }

    /// <summary>Width of the terminal in columns.</summary>
    int Width { get; }

    /// <summary>The clock.</summary>
    TimeProvider Clock { get; }

    /// <summary>Asks on the terminal without echo. Only to be called if <see cref="CanPrompt"/>.</summary>
    SecretText ReadSecret(string prompt);

    /// <summary>Asks on the terminal with echo. Only to be called if <see cref="CanPrompt"/>.</summary>
    string ReadLine(string prompt);

    /// <summary>Reads an environment variable; null if it is not set.</summary>
    string? GetVariable(string name);

    /// <summary>Starts the system's browser; false if there is none.</summary>
    bool OpenBrowser(Uri address);
}
