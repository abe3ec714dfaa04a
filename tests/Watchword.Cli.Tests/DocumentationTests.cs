using System.CommandLine;
using Watchword.Cli.Commands;

namespace Watchword.Cli.Tests;

public sealed class DocumentationTests
{
    // Words that an option must not have: what it would take would show in the process list and in the history of the shell.
    private static readonly string[] SecretWords = ["password", "passphrase", "secret", "code", "token", "key", "pin"];

    [Fact]
    public void The_reference_in_docs_cli_is_what_the_commands_say()
    {
        string expected = Reference.Write();
        if (Environment.GetEnvironmentVariable("WATCHWORD_UPDATE_DOCS") == "1")
        {
            string source = RepositoryRoot.PathOf("docs", "cli.md");
            string old = File.ReadAllText(source);
            int begin = old.IndexOf(Reference.Begin, StringComparison.Ordinal) + Reference.Begin.Length;
            File.WriteAllText(source, old[..begin] + expected + old[old.IndexOf(Reference.End, StringComparison.Ordinal)..]);
            return;
        }

        string document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "cli.md"));
        Middle(document).ShouldBe(
            expected, "run the tests of this project once with WATCHWORD_UPDATE_DOCS=1 and look at the difference");
    }

    [Fact]
    public void Every_exit_code_has_a_meaning_and_no_two_have_the_same_number()
    {
        ExitCodes.Table.Select(row => row.Code).ShouldBe(Enum.GetValues<ExitCode>());
        Enum.GetValues<ExitCode>().Distinct().Count().ShouldBe(Enum.GetNames<ExitCode>().Length);
    }

    [Fact]
    public void No_option_or_argument_takes_a_secret()
    {
        foreach (CliCommand command in Reference.Commands(Reference.Tree()))
        {
            command.Arguments.ShouldAllBe(argument => !SecretWords.Contains(argument.Name.ToLowerInvariant()));
            foreach (Option option in command.Options.Concat(Reference.Tree().Options))
            {
                bool namesSecret = SecretWords.Any(word => option.Name.Split('-').Contains(word));
                bool takesPathOrNothing = option.ValueType == typeof(bool) || option.HelpName is "FILE";
                (!namesSecret || takesPathOrNothing).ShouldBeTrue($"{UsageError.FullName(command)} {option.Name}");
            }
        }
    }

    [Fact]
    public void No_option_turns_a_certificate_check_off()
    {
        string[] forbidden = ["insecure", "verify", "skip", "trust", "unsafe", "no-check", "allow"];
        foreach (CliCommand command in Reference.Commands(Reference.Tree()))
        {
            command.Options.Concat(Reference.Tree().Options)
                .ShouldAllBe(option => !forbidden.Any(word => option.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
        }
    }

    [Fact]
    public void Only_two_commands_can_reveal()
    {
        Reference.Commands(Reference.Tree())
            .Where(command => command.Options.Any(option => option.Name == "--reveal"))
            .Select(UsageError.FullName)
            .ShouldBe(["watchword token show", "watchword keys inspect"], ignoreOrder: true);
    }

    [Fact]
    public void Every_command_has_a_script()
    {
        string scripts = string.Concat(
            Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "scripts"), "*.txt").Select(File.ReadAllText));
        foreach (CliCommand command in Reference.Commands(Reference.Tree()))
        {
            scripts.ShouldContain($"> {UsageError.FullName(command)}");
        }
    }

    [Fact]
    public void Every_command_explains_itself_and_declares_its_json()
    {
        foreach (CliCommand command in Reference.Commands(Reference.Tree()))
        {
            command.Description.ShouldNotBeNullOrWhiteSpace();
            command.Details.ShouldNotBeNullOrWhiteSpace();
            command.Fields.ShouldNotBeEmpty();
            command.Fields.Select(field => field.Path).ShouldBeUnique();
        }
    }

    private static string Middle(string document)
    {
        int begin = document.IndexOf(Reference.Begin, StringComparison.Ordinal) + Reference.Begin.Length;
        int end = document.IndexOf(Reference.End, StringComparison.Ordinal);
        begin.ShouldBeGreaterThan(Reference.Begin.Length - 1);
        end.ShouldBeGreaterThan(begin);
        return document[begin..end];
    }
}
