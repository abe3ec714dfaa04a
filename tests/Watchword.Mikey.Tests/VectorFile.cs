using System.Text.Json;

namespace Watchword.Mikey.Tests;

/// <summary>A file of vectors beside the tests: objects with hexadecimal strings and numbers.</summary>
internal static class VectorFile
{
    public static JsonElement Load(string area, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors",
            area, name)));
        return document.RootElement.Clone();
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.Text(name));

    public static uint Id(this JsonElement element, string name) => Convert.ToUInt32(element.Text(name), 16);

    public static int Number(this JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
