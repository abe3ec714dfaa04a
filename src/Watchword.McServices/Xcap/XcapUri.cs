using System.Diagnostics.CodeAnalysis;

namespace Watchword.McServices.Xcap;

/// <summary>What an XCAP URI selects: a document, or a node in it (RFC 4825 §6).</summary>
/// <param name="Document">The document.</param>
/// <param name="Node">The node; null for the whole document.</param>
public sealed record XcapUri(DocumentSelector Document, NodeSelector? Node = null)
{
    /// <summary>The longest URI below the XCAP root that is read, in characters.</summary>
    public const int MaximumLength = 8192;

    internal const string Separator = "~~";

    /// <summary>Reads path and query below the XCAP root, as they came in: percent-encoding is undone here, once.</summary>
    /// <param name="path">The path, without the root and without a slash at its beginning.</param>
    /// <param name="query">The query without its question mark; empty for none.</param>
    /// <param name="uri">What is selected.</param>
    /// <returns>False for anything that is not of RFC 4825 §6; a query without node selector is so.</returns>
    public static bool TryParse(string path, string query, [NotNullWhen(true)] out XcapUri? uri)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(query);
        uri = null;
        if (path.Length + query.Length > MaximumLength)
        {
            return false;
        }

        string[] raw = path.Split('/');
        List<string> segments = new(raw.Length);
        int at = -1;
        for (int i = 0; i < raw.Length && at < 0; i++)
        {
            if (!XcapText.TryDecode(raw[i], out string? segment))
            {
                return false;
            }

            if (segment == Separator)
            {
                at = i;
            }
            else
            {
                segments.Add(segment);
            }
        }

        if (!DocumentSelector.TryRead(segments, out DocumentSelector? document))
        {
            return false;
        }

        if (at < 0)
        {
            uri = query.Length == 0 ? new XcapUri(document) : null;
            return uri is not null;
        }

        string node = string.Join('/', raw.Skip(at + 1));
        if (!NodeSelector.TryParse(node, query, out NodeSelector? selector))
        {
            return false;
        }

        uri = new XcapUri(document, selector);
        return true;
    }

    /// <summary>Path and query relative to the XCAP root, percent-encoded.</summary>
    public override string ToString() => Node is null ? Document.ToString() : $"{Document}/{Separator}/{Node}";
}
