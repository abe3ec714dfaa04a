using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>The words by which a person names how a key is handed out.</summary>
internal static class Distributions
{
    private static readonly (string Word, KeyDistribution Distribution)[] Words =
    [
        ("gmk", KeyDistribution.Gmk),
        ("pck", KeyDistribution.Pck),
        ("csk", KeyDistribution.CskUpload),
        ("csk-download", KeyDistribution.CskDownload),
        ("spk", KeyDistribution.Spk),
        ("mkfc", KeyDistribution.Mkfc),
        ("mscck", KeyDistribution.Mscck),
        ("musik", KeyDistribution.Musik),
    ];

    /// <summary>All words.</summary>
    public static string[] Names => [.. Words.Select(pair => pair.Word)];

    /// <summary>For the help.</summary>
    public static string Help => "`" + string.Join("`, `", Names) + "`";

    /// <summary>What a word means.</summary>
    public static KeyDistribution Get(string word) => Words.First(pair => pair.Word == word).Distribution;

    /// <summary>What a receiver takes of each purpose. Both directions of a CSK are opened alike.</summary>
    public static IReadOnlyList<KeyDistribution> Opened { get; } = [.. KeyDistribution.All.DistinctBy(d => d.Purpose)];
}
