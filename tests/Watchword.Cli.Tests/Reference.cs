using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using Watchword.Cli.Commands;

namespace Watchword.Cli.Tests;

/// <summary>Writes the reference part of docs/cli.md from the tree of commands.</summary>
internal static class Reference
{
    public const string Begin = "<!-- reference: written from the commands by Watchword.Cli.Tests -->";
    public const string End = "<!-- end of the reference -->";

    public static RootCommand Tree() => WatchwordCommand.CreateTree(new Surroundings(new ScriptConsole(), new GlobalOptions()));

    public static IEnumerable<CliCommand> Commands(Command command) =>
        command.Subcommands.SelectMany(Commands).Concat(command is CliCommand leaf ? [leaf] : []);

    public static string Write()
    {
        RootCommand root = Tree();
        StringBuilder text = new();
        text.Append("\n\n## Options of every command\n\n").Append(OptionTable(root.Options));
        text.Append("\n## Exit codes\n\n| code | name | meaning |\n|---|---|---|\n");
        foreach ((ExitCode code, string meaning) in ExitCodes.Table)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {(int)code} | `{Name(code)}` | {meaning} |\n");
        }

        text.Append("\n## Commands\n\n| command | what it does |\n|---|---|\n");
        foreach (CliCommand command in Commands(root))
        {
            string name = UsageError.FullName(command);
            text.Append(CultureInfo.InvariantCulture, $"| [`{name}`](#{name.Replace(' ', '-')}) | {command.Description} |\n");
        }

        foreach (CliCommand command in Commands(root))
        {
            Section(text, command);
        }

        return text.Append('\n').ToString();
    }

    private static void Section(StringBuilder text, CliCommand command)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n### {UsageError.FullName(command)}\n\n{command.Details.ReplaceLineEndings("\n").Trim()}\n\n");
        text.Append("```text\n").Append(UsageError.FullName(command));
        foreach (Argument argument in command.Arguments)
        {
            string shown = argument.HelpName ?? argument.Name;
            text.Append(argument.Arity.MinimumNumberOfValues == 0 ? $" [{shown}]" : $" {shown}");
        }

        foreach (Option option in command.Options.Where(option => !option.Hidden))
        {
            text.Append(option.Required ? $" {Usage(option)}" : $" [{Usage(option)}]");
        }

        text.Append("\n```\n\n");
        if (command.Arguments.Count > 0)
        {
            text.Append("| argument | meaning |\n|---|---|\n");
            foreach (Argument argument in command.Arguments)
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"| `{argument.HelpName ?? argument.Name}` | {argument.Description} |\n");
            }

            text.Append('\n');
        }

        if (command.Options.Count > 0)
        {
            text.Append(OptionTable(command.Options)).Append('\n');
        }

        text.Append("| member of the JSON result | type | meaning |\n|---|---|---|\n");
        foreach (JsonField field in command.Fields)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{field.Path}` | {field.Type}{(field.Optional ? "; may be absent" : "")} | {field.Meaning} |\n");
        }

        IEnumerable<string> codes = command.AllExitCodes.Select(
            code => string.Create(CultureInfo.InvariantCulture, $"{(int)code} `{Name(code)}`"));
        text.Append(CultureInfo.InvariantCulture, $"\nExit codes: {string.Join(", ", codes)}.\n");
    }

    private static string OptionTable(IEnumerable<Option> options)
    {
        StringBuilder text = new("| option | meaning |\n|---|---|\n");
        foreach (Option option in options.Where(option => option is not HelpOption and not VersionOption && !option.Hidden))
        {
            string required = option.Required ? " (required)" : string.Empty;
            string initial = option.HasDefaultValue && option.ValueType != typeof(bool)
                ? string.Create(CultureInfo.InvariantCulture, $" (default: {option.GetDefaultValue()})")
                : string.Empty;
            text.Append(CultureInfo.InvariantCulture, $"| `{Usage(option)}` | {option.Description}{initial}{required} |\n");
        }

        return text.ToString();
    }

    private static string Usage(Option option) =>
        option.ValueType == typeof(bool) ? option.Name : $"{option.Name} {option.HelpName ?? "VALUE"}";

    private static string Name(ExitCode code) => char.ToLowerInvariant(code.ToString()[0]) + code.ToString()[1..];
}
