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

    /// <summary>The ids of a file, as theory data with the comment for the name of the test.</summary>
    public static TheoryData<int, string> Cases(string name)
    {
        TheoryData<int, string> cases = [];
        foreach (JsonElement test in Tests(name))
        {
            cases.Add(test.GetProperty("id").GetInt32(), $"{test.Text("result")}: {test.Text("comment")}");
        }

        return cases;
    }

    public static JsonElement Case(string name, int id) => Tests(name).Single(test => test.GetProperty("id").GetInt32() == id);

    public static bool IsValid(this JsonElement test) => test.Text("result") switch
    {
        "valid" => true,
        "invalid" => false,
        string other => throw new InvalidDataException($"Unknown result {other}."),
    };

    public static byte[] Octets(this JsonElement test, string property) =>
        Convert.FromHexString(test.GetProperty(property).GetString()!);

    public static string Text(this JsonElement test, string property) => test.GetProperty(property).GetString()!;
}
