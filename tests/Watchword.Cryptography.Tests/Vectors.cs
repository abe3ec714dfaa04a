using System.Text.Json;

namespace Watchword.Cryptography.Tests;

/// <summary>The vector files of tests/vectors, copied beside the tests.</summary>
internal static class Vectors
{
    public static JsonElement Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", name)));
        return document.RootElement.Clone();
    }

    public static IEnumerable<JsonElement> Tests(string name) => Load(name).GetProperty("tests").EnumerateArray();

    public static byte[] Octets(this JsonElement test, string property) =>
        Convert.FromHexString(test.GetProperty(property).GetString()!);

    public static string Text(this JsonElement test, string property) => test.GetProperty(property).GetString()!;
}
