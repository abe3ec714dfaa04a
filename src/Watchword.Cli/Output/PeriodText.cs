using System.Text.Json.Nodes;
using Watchword.KeyManagement;

namespace Watchword.Cli;

/// <summary>A key period in both languages.</summary>
internal static class PeriodText
{
    /// <summary>Number and interval; the end is exclusive.</summary>
    public static string Human(KeyPeriod period) =>
        $"{Printable.Number(period.Number)} ({Printable.Time(period.Start)} to {Printable.Time(period.End)})";

    /// <summary>Members <c>number</c>, <c>start</c>, <c>end</c>.</summary>
    public static JsonObject Json(KeyPeriod period) => new()
    {
        ["number"] = period.Number,
        ["start"] = Printable.Rfc3339(period.Start),
        ["end"] = Printable.Rfc3339(period.End),
    };
}
