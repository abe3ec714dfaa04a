using System.CommandLine;
using System.CommandLine.Help;
using Watchword.Benchmarks.Measuring;

namespace Watchword.Benchmarks.Commands;

/// <summary>The entry point: parses, runs, and gives the exit code.</summary>
internal static class BenchmarksCommand
{
    /// <summary>What was asked for cannot be done; the usage was printed.</summary>
    private const int UsageExitCode = 2;

    public static int Run(string[] args)
    {
        // BenchmarkDotNet reads its own arguments; nothing of them is ours.
        if (args is [SuitesCommand.Word, ..])
        {
            return SuitesCommand.RunSuites(args[1..]);
        }

        RootCommand root = new("Rates, scaling, timing leakage and time to first use of Watchword's cryptography.")
        {
            new RatesCommand(),
            new ScalingCommand(),
            new TimingCommand(),
            new StartupCommand(),
            new FirstUseCommand(),
            new SuitesCommand(),
        };
        ParseResult parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0 && parse.Action is not HelpAction)
        {
            // An unknown word comes first: the other errors follow from it.
            string message = parse.UnmatchedTokens is [string unknown, ..] ? $"unknown: {unknown}" : parse.Errors[0].Message;
            return Usage(root, parse.CommandResult.Command, message);
        }

        try
        {
            return parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (UsageException exception)
        {
            return Usage(root, parse.CommandResult.Command, exception.Message);
        }
        catch (CheckFailedException exception)
        {
            Console.Error.WriteLine($"error: a result is wrong: {exception.Message}");
            return 1;
        }
    }

    private static int Usage(RootCommand root, Command command, string message)
    {
        Console.Error.WriteLine($"error: {message}");
        Console.Error.WriteLine();
        string[] help = command == root ? ["--help"] : [command.Name, "--help"];
        root.Parse(help).Invoke(new InvocationConfiguration { Output = Console.Error });
        return UsageExitCode;
    }
}
