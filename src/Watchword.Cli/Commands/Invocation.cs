using System.CommandLine;

namespace Watchword.Cli.Commands;

/// <summary>One run of one command: its options, its output, and the profile that it works on.</summary>
internal sealed class Invocation
{
    private readonly Surroundings surroundings;
    private readonly ParseResult parse;

    public Invocation(Surroundings surroundings, ParseResult parse)
    {
        this.surroundings = surroundings;
        this.parse = parse;
        Report = new Reporter(surroundings.Io, parse.GetValue(surroundings.Options.Json));
    }

    /// <summary>The surroundings of the process.</summary>
    public IConsoleIo Io => surroundings.Io;

    /// <summary>The options of every command.</summary>
    public GlobalOptions Options => surroundings.Options;

    /// <summary>What the process will say; a command that gives a result and still failed sets it.</summary>
    public ExitCode ExitCode { get; set; }

    /// <summary>Where results and notes go.</summary>
    public Reporter Report { get; }

    /// <summary>The present moment.</summary>
    public DateTimeOffset Now => Io.Clock.GetUtcNow();

    /// <summary>Value of an option.</summary>
    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    /// <summary>Value of an argument.</summary>
    public T? Get<T>(Argument<T> argument) => parse.GetValue(argument);

    /// <summary>Value of an option or argument that the parser has made sure of.</summary>
    public T Required<T>(Option<T> option) => parse.GetRequiredValue(option);

    /// <summary>Value of an argument that the parser has made sure of.</summary>
    public T Required<T>(Argument<T> argument) => parse.GetRequiredValue(argument);
}
