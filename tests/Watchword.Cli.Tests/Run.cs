using System.Text.Json;
using System.Text.Json.Nodes;

namespace Watchword.Cli.Tests;

/// <summary>One finished run of the command and what can be asserted about it.</summary>
internal sealed class Run(string[] arguments, int code, string output, string error)
{
    private bool exitSeen;

    public void ExpectExit(int expected)
    {
        exitSeen = true;
        code.ShouldBe(expected);
    }

    /// <summary>
    /// Called when the script goes on: an exit code that nobody looked at must be 0; JSON must be as documented.
    /// </summary>
    public void Settle()
    {
        if (!exitSeen)
        {
            code.ShouldBe(0, error);
        }

        if (arguments.Contains("--json") && !arguments.Contains("--help"))
        {
            JsonShape.Check(new ScriptConsole(), arguments, code, JsonNode.Parse(output).ShouldBeOfType<JsonObject>());
        }
    }

    public void ExpectOutput(string text) => Expect(output, text);

    public void ExpectError(string text) => Expect(error, text);

    public void ExpectNever(string text)
    {
        output.ShouldNotContain(text, Case.Insensitive);
        error.ShouldNotContain(text, Case.Insensitive);
    }

    public void ExpectJson(string path, string expected) => Json(path).ShouldBe(expected);

    public string Json(string path)
    {
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement element = document.RootElement;
        foreach (string step in path.Split('.'))
        {
            element = int.TryParse(step, out int index) ? element[index] : element.GetProperty(step);
        }

        return element.ValueKind switch
        {
            JsonValueKind.Array => $"[{element.GetArrayLength()}]",
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => element.ToString(),
        };
    }

    private static void Expect(string actual, string expected)
    {
        if (expected == "empty")
        {
            actual.ShouldBeEmpty();
            return;
        }

        actual.ShouldContain(expected, Case.Sensitive);
    }
}
