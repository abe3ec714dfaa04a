using System.Text.Json;

namespace Watchword.KeyManagement.Tests;

/// <summary>Reads the data files beside the test binary.</summary>
internal static class Vectors
{
    public static string Schemas => Path.Combine(AppContext.BaseDirectory, "schemas");

    public static IEnumerable<JsonElement> Read(string file, string list) => Document(file).GetProperty(list).EnumerateArray();

    public static JsonElement Document(string file) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", file))).RootElement;

    public static string Text(this JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    public static string? OptionalText(this JsonElement vector, string name) =>
        vector.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    public static long Number(this JsonElement vector, string name) => vector.GetProperty(name).GetInt64();
}
