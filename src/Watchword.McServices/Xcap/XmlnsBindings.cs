using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Xcap;

/// <summary>The query of an XCAP URI: parts <c>xmlns(prefix=namespace)</c> of XPointer (RFC 4825 §6.4).</summary>
internal static class XmlnsBindings
{
    public const int Maximum = 32;

    private const string Head = "xmlns(";

    /// <summary>Reads the bindings; of two for one prefix the last counts, as XPointer has it.</summary>
    public static bool TryParse(string query, [NotNullWhen(true)] out Dictionary<string, string>? bindings)
    {
        bindings = null;
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        int at = 0, parts = 0;
        while (at < query.Length)
        {
            if (query[at] == ' ')
            {
                at++;
                continue;
            }

            if (++parts > Maximum || string.CompareOrdinal(query, at, Head, 0, Head.Length) != 0
                || !TryReadPart(query, at + Head.Length, out at, out string data))
            {
                return false;
            }

            int equal = data.IndexOf('=', StringComparison.Ordinal);
            if (equal < 0 || !IsNcName(data[..equal].TrimEnd(' ')))
            {
                return false;
            }

            string prefix = data[..equal].TrimEnd(' '), uri = data[(equal + 1)..].TrimStart(' ');
            // Two namespaces have their own prefix and no other (Namespaces in XML §3).
            if (!IsNamespace(uri) || prefix == "xmlns" || uri == Names.Xmlns || (prefix == "xml") != (uri == Names.XmlPrefixed))
            {
                return false;
            }

            found[prefix] = uri;
        }

        bindings = found;
        return true;
    }

    /// <summary>A namespace as data of a pointer part: parentheses and circumflex escaped.</summary>
    public static string Escape(string uri) => uri.Replace("^", "^^", StringComparison.Ordinal)
        .Replace("(", "^(", StringComparison.Ordinal).Replace(")", "^)", StringComparison.Ordinal);

    public static bool IsNcName(string name) => name.Length > 0 && Holds(XmlConvert.VerifyNCName, name);

    /// <summary>Whether a document can declare it.</summary>
    private static bool IsNamespace(string uri) => uri.Length > 0 && Holds(XmlConvert.VerifyXmlChars, uri);

    private static bool Holds(Func<string, string?> verify, string text)
    {
        try
        {
            return verify(text) is not null;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>The data up to the parenthesis that closes the part; balanced ones are data, and a circumflex escapes.</summary>
    private static bool TryReadPart(string query, int from, out int next, out string data)
    {
        StringBuilder text = new();
        int depth = 1;
        for (next = from; next < query.Length; next++)
        {
            char c = query[next];
            if (c == '^')
            {
                if (++next >= query.Length || query[next] is not ('^' or '(' or ')'))
                {
                    break;
                }
            }
            else if (c == '(')
            {
                depth++;
            }
            else if (c == ')' && --depth == 0)
            {
                next++;
                data = text.ToString();
                return true;
            }

            text.Append(query[next]);
        }

        data = string.Empty;
        return false;
    }
}
