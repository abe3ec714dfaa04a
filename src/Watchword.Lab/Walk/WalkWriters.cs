using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Lab.Walk;

/// <summary>Prints the walk for a person, step by step as it happens.</summary>
internal sealed class PlainWalkWriter(TextWriter output) : IWalkListener
{
    public void OnBegin(int number, string title, string clause) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{number,2}  {title}  [{clause}]"));

    public void OnEnd(WalkStep ended)
    {
        foreach (string fact in ended.Facts)
        {
            output.WriteLine("      " + fact);
        }

        output.WriteLine(ended.Held
            ? string.Create(CultureInfo.InvariantCulture, $"    held, {ended.Milliseconds:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"    DID NOT HOLD after {ended.Milliseconds:0} ms: {ended.Fault}"));
    }
}

/// <summary>Keeps quiet while the walk goes on; the report is written at its end.</summary>
internal sealed class QuietWalkListener : IWalkListener
{
    public void OnBegin(int number, string title, string clause)
    {
    }

    public void OnEnd(WalkStep ended)
    {
    }
}

/// <summary>The report for machines.</summary>
internal sealed record WalkReport(bool Lab, bool Held, IReadOnlyList<WalkStep> Steps)
{
    public string ToJson() => JsonSerializer.Serialize(this, WalkJson.Default.WalkReport);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WalkReport))]
internal sealed partial class WalkJson : JsonSerializerContext;
