using System.Text.Json;
using Watchword.Lab;

namespace Watchword.SystemTests;

/// <summary>The lab as a person starts it: the whole main job through the real HTTP interfaces.</summary>
public sealed class LabWalkTests : IDisposable
{
    private readonly string _directory = TemporaryDirectory.Create();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_step_of_the_walk_holds_and_a_second_start_finds_the_same_domain()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        JsonElement first = await WalkAsync(cancellation);
        StepsOf(first).ShouldAllBe(step => step.GetProperty("held").GetBoolean(), FaultsOf(first));
        StepsOf(first).Count().ShouldBe(18);
        string before = await File.ReadAllTextAsync(Path.Combine(_directory, "lab.json"), cancellation);

        JsonElement second = await WalkAsync(cancellation);
        second.GetProperty("held").GetBoolean().ShouldBeTrue(FaultsOf(second));
        string after = await File.ReadAllTextAsync(Path.Combine(_directory, "lab.json"), cancellation);
        Without(after, "idm", "kms").ShouldBe(Without(before, "idm", "kms"));
        UidLines(second).ShouldBe(UidLines(first));
        Directory.EnumerateDirectories(_directory, "walk-*").ShouldBeEmpty();
    }

    private async Task<JsonElement> WalkAsync(CancellationToken cancellation)
    {
        using StringWriter output = new();
        LabOptions options = new(_directory, Port: 0, Once: true, Json: true);
        int exitCode = await new LabProgram(options, output).RunAsync(cancellation);
        using JsonDocument report = JsonDocument.Parse(output.ToString());
        report.RootElement.GetProperty("lab").GetBoolean().ShouldBeTrue();
        exitCode.ShouldBe(report.RootElement.GetProperty("held").GetBoolean() ? 0 : 1);
        return report.RootElement.Clone();
    }

    private static IEnumerable<JsonElement> StepsOf(JsonElement report) => report.GetProperty("steps").EnumerateArray();

    private static string FaultsOf(JsonElement report) => string.Join(
        "\n", StepsOf(report).Select(step => $"{step.GetProperty("title")}: {(step.TryGetProperty("fault", out JsonElement fault) ? fault.ToString() : "held")}"));

    private static List<string> UidLines(JsonElement report) => [.. StepsOf(report).SelectMany(step => step.GetProperty("facts").EnumerateArray())
        .Select(fact => fact.GetString()!).Where(fact => fact.Contains("UID", StringComparison.Ordinal) && fact.Contains("until", StringComparison.Ordinal))];

    private static string Without(string json, params string[] names)
    {
        Dictionary<string, JsonElement> members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
        foreach (string name in names)
        {
            members.Remove(name).ShouldBeTrue();
        }

        return JsonSerializer.Serialize(members);
    }
}
