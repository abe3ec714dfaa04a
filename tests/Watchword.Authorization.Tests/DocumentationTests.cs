using System.Text.RegularExpressions;

namespace Watchword.Authorization.Tests;

/// <summary>The pages name what exists, and all of it.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_of_errors_has_each_fault_with_its_number_and_status()
    {
        string[] documented = [.. ErrorRow().Matches(Read("errors/authorization.md")).Select(row =>
            $"{row.Groups["number"].Value} {row.Groups["name"].Value} {row.Groups["status"].Value}")];

        documented.ShouldBe(Enum.GetValues<AuthorizationFault>()
            .Where(fault => fault != AuthorizationFault.None)
            .Select(fault => $"{(int)fault} {fault} {AuthorizationFaults.StatusOf(fault)}"));
    }

    [Fact]
    public void Each_type_and_test_on_the_page_of_conformance_exists()
    {
        string[] folders =
        [
            "src/Watchword.Authorization", "src/Watchword.Identity", "tests/Watchword.Authorization.Tests", "tests/Watchword.Identity.Tests",
            "tests/Watchword.System.Tests",
        ];
        string sources = string.Join('\n', folders
            .SelectMany(folder => Directory.EnumerateFiles(RepositoryRoot.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Select(File.ReadAllText));
        string[] rows = [.. Read("conformance/authorization.md").Split('\n').Where(line => line.StartsWith("| TS", StringComparison.Ordinal)
            || line.StartsWith("| RFC", StringComparison.Ordinal) || line.StartsWith("| OpenID", StringComparison.Ordinal))];

        rows.Length.ShouldBeGreaterThan(20);
        foreach (string name in rows.SelectMany(row => row.Split('|')[3..5]).SelectMany(cell => Code().Matches(cell).Select(match => match.Groups[1].Value)))
        {
            Regex.IsMatch(sources, $@"\b(class|record|struct|enum|interface) {name}\b").ShouldBeTrue(name);
        }
    }

    private static string Read(string page) => File.ReadAllText(RepositoryRoot.PathOf("docs", page));

    [GeneratedRegex(@"^\| (?<number>\d{4}) \| `(?<name>\w+)` \| (?<status>\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex ErrorRow();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Code();
}
