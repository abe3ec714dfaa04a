using System.Text.Json;

namespace Watchword.Sip.Tests;

/// <summary>The vector files of SIP, beside the tests.</summary>
internal static class Vectors
{
    public static JsonElement Read(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors",
            "sip", name)));
        return document.RootElement.Clone();
    }
}
