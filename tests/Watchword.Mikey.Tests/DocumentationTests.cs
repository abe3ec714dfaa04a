using System.Text.RegularExpressions;

namespace Watchword.Mikey.Tests;

/// <summary>The page of errors has every reason and every result.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_of_errors_has_every_reason_and_every_result()
    {
        string[] documented = [.. Row().Matches(File.ReadAllText(Page("errors/mikey.md"))).Select(row =>
            $"{row.Groups["number"].Value} {row.Groups["name"].Value}")];

        documented.ShouldBe(
        [
            .. Enum.GetValues<MikeyFormatReason>().Select(reason => $"{(int)reason} {reason}"),
            .. Enum.GetValues<PckOpenResult>().Select(result => $"{(int)result} {result}"),
        ]);
    }

    private static string Page(string name)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Watchword.slnx")))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory.ShouldNotBeNull().FullName, "docs", name);
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| `(?<name>\w+)` \| \S.* \| \S.* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
