using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Watchword.SystemTests.Repository;

/// <summary>ARCHITECTURE.md against the project files and the sources.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] NotOurTypes = ["BigInteger", "TimeProvider", "TryParse", "Parse", "ToString", "VarTime"];

    [Fact]
    public void Every_project_references_what_the_table_allows_and_nothing_else()
    {
        Dictionary<string, string[]> table = Table();
        foreach (string project in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            table.ShouldContainKey(name);
            foreach (string reference in References(project))
            {
                table[name].ShouldContain(reference, $"{name} must not reference {reference}");
            }
        }
    }

    [Fact]
    public void No_project_of_the_table_is_missing() =>
        Table().Keys.ShouldAllBe(name => File.Exists(Path.Combine(RepositoryFiles.Root, "src", name, name + ".csproj")));

    [Fact]
    public void A_reference_points_to_a_lower_row()
    {
        Dictionary<string, int> rows = Rows();
        foreach ((string name, string[] references) in Table())
        {
            references.ShouldAllBe(reference => rows[reference] < rows[name], $"{name} references its own row or a higher one");
        }
    }

    [Fact]
    public void Every_type_that_the_page_names_exists()
    {
        HashSet<string> types = [.. RepositoryFiles.Sources("src").SelectMany(file => TypeDeclaration().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)];
        HashSet<string> elements = ["PubAuthKey", "PubEncKey", "UserSigningKeySSK", "UserPubTokenPVT", "UserDecryptKey", "UserID", "KeyPeriodNo"];
        IEnumerable<string> named = InlineCode().Matches(RepositoryFiles.Read("ARCHITECTURE.md")).Select(match => match.Groups[1].Value)
            .Where(name => !elements.Contains(name) && !NotOurTypes.Contains(name, StringComparer.Ordinal));
        named.Where(name => !types.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void No_project_has_a_name_that_says_nothing()
    {
        string[] forbidden = ["Common", "Core", "Shared", "Utilities", "Infrastructure", "Abstractions"];
        Table().Keys.ShouldAllBe(name => !forbidden.Any(word => name.EndsWith("." + word, StringComparison.Ordinal)));
    }

    private static IEnumerable<string> References(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static Dictionary<string, string[]> Table()
    {
        Dictionary<string, string[]> table = new(StringComparer.Ordinal);
        foreach (Match row in TableRow().Matches(RepositoryFiles.Read("ARCHITECTURE.md")))
        {
            string allowed = row.Groups[2].Value.Trim();
            table[row.Groups[1].Value] = allowed == "all of the above but Cli"
                ? [.. table.Keys.Where(name => name != "Watchword.Cli")]
                : [.. allowed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => "Watchword." + name)];
        }

        table.Count.ShouldBeGreaterThan(10);
        return table;
    }

    private static Dictionary<string, int> Rows()
    {
        Dictionary<string, int> rows = new(StringComparer.Ordinal);
        foreach (Match line in DrawingRow().Matches(RepositoryFiles.Read("ARCHITECTURE.md")))
        {
            foreach (Match project in ProjectName().Matches(line.Value))
            {
                rows[project.Value] = line.Groups[1].Value[0] - '0';
            }
        }

        return rows;
    }

    [GeneratedRegex(@"^\| `(Watchword\.[A-Za-z0-9.]+)` \|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^ ([0-5])  .*$", RegexOptions.Multiline)]
    private static partial Regex DrawingRow();

    [GeneratedRegex(@"Watchword\.[A-Za-z0-9.]+")]
    private static partial Regex ProjectName();

    [GeneratedRegex(@"`([A-Z][a-z]+[A-Z][A-Za-z]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\b(?:class|struct|enum|interface|record|record struct) ([A-Z][A-Za-z0-9]+)")]
    private static partial Regex TypeDeclaration();
}
