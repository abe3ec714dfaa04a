using System.CommandLine;

namespace Watchword.Cli;

/// <summary>Turns what the parser found wrong into one error with a next step.</summary>
internal static class UsageError
{
    /// <summary>Makes the error of the first fault; the others often follow from it.</summary>
    public static CliException From(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        string? unknown = parse.UnmatchedTokens.Count > 0 ? parse.UnmatchedTokens[0] : null;
        if (unknown is not null)
        {
            return new CliException(ExitCode.Usage, $"{FullName(command)} does not know `{unknown}`")
            {
                Hint = Suggestion(command, unknown) ?? Help(command),
            };
        }

        return new CliException(ExitCode.Usage, Lower(parse.Errors[0].Message)) { Hint = Help(command) };
    }

    /// <summary>The words that name a command, such as <c>watchword keys get</c>.</summary>
    public static string FullName(Command command)
    {
        Command? parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? "watchword" : $"{FullName(parent)} {command.Name}";
    }

    private static string Help(Command command) => $"{FullName(command)} --help";

    private static string Lower(string message)
    {
        string text = message.TrimEnd('.');
        return text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1])
            ? char.ToLowerInvariant(text[0]) + text[1..]
            : text;
    }

    private static string? Suggestion(Command command, string unknown)
    {
        IEnumerable<string> names = unknown.StartsWith('-')
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options))
                .Select(option => option.Name)
            : command.Subcommands.Select(subcommand => subcommand.Name);
        string? name = names.MinBy(candidate => Distance(candidate, unknown));
        bool near = name is not null && Distance(name, unknown) <= Math.Max(1, unknown.Length / 3);
        return near ? $"did you mean `{name}`?" : null;
    }

    // Levenshtein, two rows.
    private static int Distance(string left, string right)
    {
        int[] previous = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int[] current = new int[right.Length + 1];
            current[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int substitution = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, substitution);
            }

            previous = current;
        }

        return previous[^1];
    }
}
