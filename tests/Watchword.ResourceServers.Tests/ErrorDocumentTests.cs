using System.Globalization;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Tests;

/// <summary><c>docs/errors/services.md</c> lists every error with the words of the code, and no other.</summary>
public sealed class ErrorDocumentTests
{
    [Fact]
    public void The_page_has_every_error_in_the_words_of_the_code()
    {
        string page = RepositoryRoot.PathOf("docs", "errors", "services.md");
        string[] lines = File.ReadAllLines(page);
        string[] expected = [.. Enum.GetValues<ServicesError>().Where(error => error != ServicesError.None).Select(Row)];
        if (Environment.GetEnvironmentVariable("WATCHWORD_UPDATE_DOCS") == "1")
        {
            int head = Array.FindIndex(lines, line => line.StartsWith("|--", StringComparison.Ordinal)) + 1;
            File.WriteAllLines(page, [.. lines.Take(head), .. expected, .. lines.Skip(head).SkipWhile(IsRow)]);
            return;
        }

        lines.Where(IsRow).ShouldBe(expected);
    }

    [Fact]
    public void The_number_begins_with_the_status()
    {
        foreach (ServicesError error in Enum.GetValues<ServicesError>().Where(error => error != ServicesError.None))
        {
            ServicesErrorText.StatusOf(error).ShouldBeInRange(400, 503);
        }
    }

    private static bool IsRow(string line) =>
        line.Length > 2 && line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]);

    private static string Row(ServicesError error)
    {
        ServicesErrorText text = ServicesErrorText.Of(error);
        return string.Create(
            CultureInfo.InvariantCulture, $"| {(int)error} | `{error}` | {text.Cause} | {text.Clause} | {text.NextStep} |");
    }
}
