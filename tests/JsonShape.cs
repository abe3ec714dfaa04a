using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli;
using Watchword.Cli.Commands;
using Watchword.Cli.Secrets;

namespace Watchword.Testing;

/// <summary>Holds a JSON result to the fields that the command declares, which are also what docs/cli.md says.</summary>
internal static class JsonShape
{
    private static readonly JsonField[] ErrorFields =
    [
        new("error.code", "string", "kind"),
        new("error.exitCode", "number", "exit code"),
        new("error.message", "string", "what happened"),
        new("error.number", "number", "number", Optional: true),
        new("error.cause", "string", "why", Optional: true),
        new("error.clause", "string", "clause", Optional: true),
        new("error.next", "string", "next step", Optional: true),
        new("error.correlationId", "string", "server's id", Optional: true),
    ];

    /// <summary>
    /// Every member is declared, every declared member is there unless optional, and a failure has only <c>error</c>.
    /// </summary>
    public static void Check(IConsoleIo console, string[] arguments, int code, JsonObject result)
    {
        bool saysItself = result.ContainsKey("valid") || result.ContainsKey("isValid") || result.ContainsKey("complete");
        result.ContainsKey("error").ShouldBe(code != 0 && !saysItself);
        IReadOnlyList<JsonField> declared = result.ContainsKey("error") ? ErrorFields : Command(console, arguments).Fields;
        List<(string Path, JsonNode? Value)> leaves = [.. Leaves(string.Empty, result)];
        foreach ((string path, JsonNode? value) in leaves)
        {
            JsonField field = declared.SingleOrDefault(candidate => candidate.Path == path
                || (candidate.Path.EndsWith(".*", StringComparison.Ordinal)
                    && path.StartsWith(candidate.Path[..^1], StringComparison.Ordinal)))
                ?? throw new ShouldAssertException($"the JSON member {path} is not declared");
            string type = field.Type.Split(',')[0];
            (type == "any" || Kind(value) == type).ShouldBeTrue($"{path} is a {Kind(value)}, not a {type}");
        }

        foreach (JsonField field in declared.Where(
            field => !field.Optional && !field.Path.Contains("[]", StringComparison.Ordinal)))
        {
            leaves.ShouldContain(leaf => leaf.Path == field.Path, $"the JSON member {field.Path} is missing");
        }
    }

    /// <summary>The command that a command line names.</summary>
    public static CliCommand Command(IConsoleIo console, string[] arguments)
    {
        RootCommand root = WatchwordCommand.CreateTree(new Surroundings(console, new GlobalOptions()));
        return root.Parse(arguments).CommandResult.Command.ShouldBeAssignableTo<CliCommand>()!;
    }

    private static IEnumerable<(string Path, JsonNode? Value)> Leaves(string path, JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(
            member => Leaves(path.Length == 0 ? member.Key : $"{path}.{member.Key}", member.Value)),
        JsonArray { Count: > 0 } elements => elements.SelectMany(element => Leaves(path + "[]", element)),
        JsonArray => [],
        _ => [(path, node)],
    };

    private static string Kind(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        null => "null",
        _ => "other",
    };
}
