using System.CommandLine;

namespace Watchword.Cli.Commands;

/// <summary>One member of a command's JSON result, for the documentation and for the tests that hold the output to it.</summary>
/// <param name="Path">Dotted path; <c>[]</c> marks the elements of an array.</param>
/// <param name="Type">JSON type, with the format where it has one.</param>
/// <param name="Meaning">What it says.</param>
/// <param name="Optional">True if it may be absent.</param>
internal sealed record JsonField(string Path, string Type, string Meaning, bool Optional = false);

/// <summary>A command that does something (and not only groups others), with what its documentation says about it.</summary>
internal abstract class CliCommand : Command
{
    private readonly Surroundings surroundings;

    protected CliCommand(string name, string description, Surroundings surroundings)
        : base(name, description)
    {
        this.surroundings = surroundings;
        SetAction(InvokeAsync);
    }

    /// <summary>What the command does beyond its one-line description: paragraphs for the documentation.</summary>
    public abstract string Details { get; }

    /// <summary>Members of the JSON result.</summary>
    public abstract IReadOnlyList<JsonField> Fields { get; }

    /// <summary>Exit codes beyond success, internal, usage and cancelled, which every command has.</summary>
    public abstract IReadOnlyList<ExitCode> Failures { get; }

    /// <summary>Every exit code that this command can end with, in ascending order.</summary>
    public IEnumerable<ExitCode> AllExitCodes =>
        Failures.Concat([ExitCode.Success, ExitCode.Internal, ExitCode.Usage, ExitCode.Cancelled]).Order();

    /// <summary>Does the work. A failure is a <see cref="CliException"/>.</summary>
    protected abstract Task RunAsync(Invocation invocation, CancellationToken cancellationToken);

    private async Task<int> InvokeAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Invocation invocation = new(surroundings, parse);
        await RunAsync(invocation, cancellationToken);
        return (int)invocation.ExitCode;
    }
}

/// <summary>What all commands of one run share.</summary>
internal sealed record Surroundings(IConsoleIo Io, GlobalOptions Options);
