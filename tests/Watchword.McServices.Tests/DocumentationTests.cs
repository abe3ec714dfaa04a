using System.Text.RegularExpressions;

namespace Watchword.McServices.Tests;

/// <summary>The page of errors has every fault.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_of_errors_has_every_fault()
    {
        string page = File.ReadAllText(RepositoryRoot.PathOf("docs", "errors", "mc-services.md"));
        string[] documented = [.. Row().Matches(page).Select(row => $"{row.Groups["number"].Value} {row.Groups["name"].Value}")];

        documented.ShouldBe(
        [
            .. Enum.GetValues<McServicesFormatFault>().Select(fault => $"{(int)fault} {fault}"),
            .. Enum.GetValues<BodySignatureFault>().Select(fault => $"{(int)fault} {fault}"),
        ]);
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| `(?<name>\w+)` \| \S.* \| \S.* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
