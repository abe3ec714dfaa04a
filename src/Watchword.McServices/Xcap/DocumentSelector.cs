using System.Diagnostics.CodeAnalysis;
using Watchword.McServices.Configuration;

namespace Watchword.McServices.Xcap;

/// <summary>
/// Which document an XCAP URI is about (RFC 4825 §6.2): application usage, tree, user, and the path below. Values are without
/// percent-encoding and are compared octet by octet.
/// </summary>
public sealed record DocumentSelector
{
    /// <summary>The longest segment, in characters.</summary>
    public const int MaximumSegment = 1024;

    /// <summary>The most segments below the tree.</summary>
    public const int MaximumDepth = 8;

    private const string UsersName = "users";
    private const string GlobalName = "global";

    private DocumentSelector(string auid, string? xui, IReadOnlyList<string> path)
    {
        Auid = auid;
        Xui = xui;
        Path = path;
    }

    /// <summary>The application unique identifier.</summary>
    public string Auid { get; }

    /// <summary>The user in whose directory the document is; null in the global tree.</summary>
    public string? Xui { get; }

    /// <summary>The segments below the user's directory or below <c>global</c>; at least one.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>The tree.</summary>
    public DocumentTree Tree => Xui is null ? DocumentTree.Global : DocumentTree.Users;

    /// <summary>A document of a user.</summary>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    public static DocumentSelector OfUser(string auid, string xui, params IReadOnlyList<string> path) => Checked(auid, xui, path);

    /// <summary>A document of the global tree.</summary>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    public static DocumentSelector OfGlobal(string auid, params IReadOnlyList<string> path) => Checked(auid, null, path);

    /// <summary>Reads the selector from the segments of a path below the XCAP root, percent-encoding undone.</summary>
    public static bool TryRead(IReadOnlyList<string> segments, [NotNullWhen(true)] out DocumentSelector? selector)
    {
        ArgumentNullException.ThrowIfNull(segments);
        selector = segments switch
        {
            [var auid, GlobalName, ..] => Make(auid, null, [.. segments.Skip(2)]),
            [var auid, UsersName, var xui, ..] => Make(auid, xui, [.. segments.Skip(3)]),
            _ => null,
        };
        return selector is not null;
    }

    /// <summary>The selector relative to the XCAP root, percent-encoded.</summary>
    public override string ToString()
    {
        string tree = Xui is null ? GlobalName : $"{UsersName}/{XcapText.Encode(Xui)}";
        return $"{XcapText.Encode(Auid)}/{tree}/{string.Join('/', Path.Select(XcapText.Encode))}";
    }

    /// <inheritdoc/>
    public bool Equals(DocumentSelector? other) => other is not null && Auid == other.Auid && Xui == other.Xui
        && Path.SequenceEqual(other.Path, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Auid, Xui, Path[^1]);

    private static DocumentSelector Checked(string auid, string? xui, IReadOnlyList<string> path) =>
        Make(auid, xui, path) ?? throw new ArgumentException("A value cannot stand in a path.", nameof(path));

    private static DocumentSelector? Make(string auid, string? xui, IReadOnlyList<string> path) =>
        IsSegment(auid) && (xui is null || IsSegment(xui)) && path.Count is > 0 and <= MaximumDepth && path.All(IsSegment)
            ? new DocumentSelector(auid, xui, path)
            : null;

    /// <summary>Whether a text can be a segment of a path.</summary>
    internal static bool IsSegment(string segment) => segment.Length is > 0 and <= MaximumSegment
        && segment is not ("." or ".." or XcapUri.Separator) && !segment.Any(c => char.IsControl(c) || c is '/' or '\\');
}
