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

    /// <summary>
    /// What a profile takes into its key store: every purpose but the PCK, which is a call's, and of CSKs those that go its
    /// way.
    /// </summary>
    public static IReadOnlyList<KeyDistribution> Kept(bool ofUser) =>
    [
        .. KeyDistribution.All.Where(d => d.Purpose is not KeyPurpose.Pck
            && (d.Purpose is not KeyPurpose.Csk || (d.Receiver == KeyEntity.Client) == ofUser)),
    ];
}
