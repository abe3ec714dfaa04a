using System.Text.RegularExpressions;

namespace Watchword.Mikey.Tests;

/// <summary>The page of errors has every reason and every result.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_of_errors_has_every_reason_and_every_result()
    {
        string[] documented = [.. Row().Matches(File.ReadAllText(RepositoryRoot.PathOf("docs", "errors", "mikey.md"))).Select(row =>
            $"{row.Groups["number"].Value} {row.Groups["name"].Value}")];

        documented.ShouldBe(
        [
            .. Enum.GetValues<MikeyFormatReason>().Select(reason => $"{(int)reason} {reason}"),
            .. Enum.GetValues<KeyOpenResult>().Select(result => $"{(int)result} {result}"),
        ]);
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| `(?<name>\w+)` \| \S.* \| \S.* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
