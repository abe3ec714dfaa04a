using System.Diagnostics.CodeAnalysis;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// Path and query of a request, octet by octet as they came: servers behind the proxy compare escaped paths (TS 33.180 D.2, RFC
/// 4825 §6), so nothing is unescaped and escaped again on the way.
/// </summary>
/// <param name="PathAndQuery">From the first slash on.</param>
/// <param name="Authority">The authority of an absolute target; null for a target that has none.</param>
internal sealed record RequestTarget(string PathAndQuery, string? Authority)
{
    private const string Https = "https://";

    /// <summary>The path without its query.</summary>
    public string Path => PathAndQuery.Split('?', 2)[0];

    /// <summary>Reads the target of a request line, or <c>:path</c>.</summary>
    public static bool TryParse(string raw, [NotNullWhen(true)] out RequestTarget? target)
    {
        target = null;
        string rest = raw;
        string? authority = null;
        if (raw.StartsWith(Https, StringComparison.OrdinalIgnoreCase))
        {
            int end = raw.IndexOfAny(['/', '?'], Https.Length);
            end = end < 0 ? raw.Length : end;
            if (!Configuration.Authority.TryRead(raw[Https.Length..end], out authority))
            {
                return false;
            }

            rest = raw[end..] is ['/', ..] path ? path : "/" + raw[end..];
        }

        if (!IsPlainPath(rest.Split('?', 2)[0]) || rest.Any(c => c is '#' or '\\' || c <= ' ' || c >= 0x7F))
        {
            return false;
        }

        target = new RequestTarget(rest, authority);
        return true;
    }

    /// <summary>
    /// True for a path that means the same before and behind any unescaping: it begins with a slash, and has no segment that is
    /// <c>.</c> or <c>..</c>, also where dots, slashes and backslashes are escaped, once or more often.
    /// </summary>
    public static bool IsPlainPath(string path)
    {
        if (path is not ['/', ..])
        {
            return false;
        }

        string once = path;
        string plain;
        do
        {
            plain = once;
            once = Unescape(plain);
        }
        while (once != plain);

        return !plain.Contains('\0', StringComparison.Ordinal)
            && !plain.Split('/', '\\').Any(segment => segment.Split(';')[0] is "." or "..");
    }

    /// <summary>Unescapes dot, slash, backslash, percent sign and NUL alone.</summary>
    private static string Unescape(string path) => path
        .Replace("%2e", ".", StringComparison.OrdinalIgnoreCase)
        .Replace("%2f", "/", StringComparison.OrdinalIgnoreCase)
        .Replace("%5c", "\\", StringComparison.OrdinalIgnoreCase)
        .Replace("%00", "\0", StringComparison.Ordinal)
        .Replace("%25", "%", StringComparison.Ordinal);

    /// <summary>True if the path is <paramref name="prefix"/> or goes on behind it with a slash.</summary>
    public bool IsBelow(string prefix) => prefix == "/"
        || (Path.StartsWith(prefix, StringComparison.Ordinal) && (Path.Length == prefix.Length || Path[prefix.Length] == '/'));
}
