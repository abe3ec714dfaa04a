using System.CommandLine;
using System.Globalization;

namespace Watchword.Cli.Commands;

/// <summary>An option that takes a moment in RFC 3339. One without a zone is UTC, as everywhere in this field.</summary>
internal static class TimeOption
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>Makes the option.</summary>
    public static Option<DateTimeOffset?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (DateTimeOffset.TryParseExact(
                text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                return time;
            }

            result.AddError($"{name} takes a time such as 2026-01-01T00:00:00Z");
            return null;
        },
    };
}
