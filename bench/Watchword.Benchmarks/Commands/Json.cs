using System.Text.Json;

namespace Watchword.Benchmarks.Commands;

/// <summary>The one JSON object that a command prints.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Print<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Options));

    /// <summary>Four significant digits: more would be noise.</summary>
    public static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return 0;
        }

        double scale = Math.Pow(10, 3 - (int)Math.Floor(Math.Log10(Math.Abs(value))));
        return scale >= 1 ? Math.Round(value * scale) / scale : Math.Round(value);
    }
}
