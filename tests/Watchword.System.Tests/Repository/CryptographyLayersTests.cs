using System.Text.RegularExpressions;

namespace Watchword.SystemTests.Repository;

/// <summary>The folders of <c>Watchword.Cryptography</c> are layers: no file names a type of a later one, comments aside.</summary>
public sealed partial class CryptographyLayersTests
{
    /// <summary>From the lowest on; the schemes are the last.</summary>
    private static readonly string[][] Layers = [["Arithmetic"], ["Fields"], ["Curves"], ["Pairing"], ["Eccsi", "Sakke"]];

    [Fact]
    public void No_layer_knows_a_later_one()
    {
        for (int i = 0; i < Layers.Length - 1; i++)
        {
            HashSet<string> later = [.. Layers.Skip(i + 1).SelectMany(Files).SelectMany(Declared)];
            later.Count.ShouldBeGreaterThan(3);
            foreach (string file in Files(Layers[i]))
            {
                IEnumerable<string> words = Word().Matches(Comment().Replace(File.ReadAllText(file), "")).Select(match => match.Value);
                words.Where(later.Contains).Distinct().ShouldBeEmpty($"{file} names what lies above it");
            }
        }
    }

    private static IEnumerable<string> Files(string[] layer) =>
        layer.SelectMany(folder => RepositoryFiles.Sources(Path.Combine("src", "Watchword.Cryptography", folder)));

    /// <summary>Types at the top level of a file, and the names that global aliases give to types.</summary>
    private static IEnumerable<string> Declared(string file) =>
        Declaration().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value);

    [GeneratedRegex(
        @"^(?:(?:public|internal)[a-z ]* (?:class|struct|enum|interface|record|record struct)|global using) ([A-Z][A-Za-z0-9]+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b[A-Z][A-Za-z0-9]+\b")]
    private static partial Regex Word();
}
