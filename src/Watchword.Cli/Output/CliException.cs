namespace Watchword.Cli;

/// <summary>
/// The one way a command fails on purpose. What the user reads says, in this order: what happened, why, the clause that asks for
/// it, what to do next, and the id under which the server logged it. No text here ever carries a secret.
/// </summary>
internal sealed class CliException(ExitCode exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code of the process.</summary>
    public ExitCode ExitCode { get; } = exitCode;

    /// <summary>The stable number of the fault, where the library or server that found it has one.</summary>
    public int? Number { get; init; }

    /// <summary>Why it happened, where that is known and not already in the message.</summary>
    public string? Cause { get; init; }

    /// <summary>The clause that demands the check, such as <c>TS 33.180 D.2.4</c>.</summary>
    public string? Clause { get; init; }

    /// <summary>The next step for the user.</summary>
    public string? Hint { get; init; }

    /// <summary>The id under which a server logged the request.</summary>
    public string? CorrelationId { get; init; }
}
