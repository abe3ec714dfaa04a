using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Watchword.Benchmarks.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "print one JSON object instead of a table" };

    public static Option<string?> Filter() => new("--filter")
    {
        Description = "only what has one of these texts in its name, in any case; separated by commas",
        HelpName = "F",
    };

    public static Option<double> Seconds(double preset, string description) => new("--seconds")
    {
        Description = description,
        HelpName = "S",
        DefaultValueFactory = _ => preset,
        CustomParser = result =>
            double.TryParse(Token(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value is > 0 and <= 3600
                ? value
                : Refuse<double>(result, "--seconds takes a number above 0, to 3600"),
    };

    public static Option<int?> Count(string name, string helpName, int least, int most, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
            int.TryParse(Token(result), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            && value >= least && value <= most
                ? value
                : Refuse<int>(result, $"{name} takes a whole number from {least} to {most}"),
    };

    /// <summary>The items whose name the filter takes.</summary>
    /// <exception cref="UsageException">There are none.</exception>
    public static IReadOnlyList<T> Take<T>(IEnumerable<T> items, Func<T, string> name, string? filter)
    {
        if (filter is null)
        {
            return [.. items];
        }

        string[] texts = filter.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        T[] all = [.. items];
        T[] taken = [.. all.Where(item => texts.Any(text => name(item).Contains(text, StringComparison.OrdinalIgnoreCase)))];
        return taken.Length > 0
            ? taken
            : throw new UsageException($"--filter {filter} takes none of: {string.Join(", ", all.Select(name))}");
    }

    private static string Token(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;

    private static T Refuse<T>(ArgumentResult result, string message)
        where T : struct
    {
        result.AddError(message);
        return default;
    }
}
