using System.Text;

namespace Watchword.Sip;

/// <summary>The rules by which URIs are equivalent: RFC 3261 §19.1.4, RFC 3966 §4.</summary>
internal static class SipUriComparison
{
    // In one URI alone they make it another one: §19.1.4, and its last examples for transport.
    private static readonly string[] _significant = ["user", "ttl", "method", "maddr", "transport"];

    public static bool AreEquivalent(SipUri a, SipUri b)
    {
        if (!string.Equals(a.Scheme, b.Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        if (a.IsTel)
        {
            return AreSameNumbers(a, b);
        }

        return a.IsSip
            ? string.Equals(Normalise(a.User), Normalise(b.User), StringComparison.Ordinal)
                && string.Equals(Normalise(a.Password), Normalise(b.Password), StringComparison.Ordinal)
                && string.Equals(a.Host, b.Host, StringComparison.OrdinalIgnoreCase)
                && a.Port == b.Port
                && AreSameParameters(a.Parameters, b.Parameters)
                && AreSameHeaders(a.Headers, b.Headers)
            : string.Equals(a.Rest, b.Rest, StringComparison.Ordinal);
    }

    /// <summary>Escapes of characters that need none are undone; the others get upper-case digits.</summary>
    internal static string? Normalise(string? text)
    {
        if (text is null || !text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder builder = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                builder.Append(text[i]);
                continue;
            }

            string digits = text.Substring(i + 1, 2);
            char c = (char)Convert.ToByte(digits, 16);
            if (SipChars.UnreservedSet.Contains(c))
            {
                builder.Append(c);
            }
            else
            {
                builder.Append('%').Append(digits.ToUpperInvariant());
            }

            i += 2;
        }

        return builder.ToString();
    }

    private static bool AreSameParameters(SipParameters a, SipParameters b)
    {
        foreach (SipParameter parameter in a)
        {
            if (b.Contains(parameter.Name) && !SameText(parameter.Value, b[parameter.Name]))
            {
                return false;
            }
        }

        return _significant.All(name => a.Contains(name) == b.Contains(name));
    }

    private static bool AreSameHeaders(string? a, string? b) =>
        (a is null && b is null)
            || (a is not null && b is not null && Fields(a).SequenceEqual(Fields(b), StringComparer.Ordinal));

    private static IEnumerable<string> Fields(string headers) =>
        headers.Split('&').Select(field =>
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            return Normalise(field[..equals])!.ToLowerInvariant() + Normalise(field[equals..]);
        }).Order(StringComparer.Ordinal);

    /// <summary>Visual separators say nothing, and all parameters count in any order.</summary>
    private static bool AreSameNumbers(SipUri a, SipUri b) =>
        string.Equals(Digits(a), Digits(b), StringComparison.OrdinalIgnoreCase)
        && a.Parameters.Count == b.Parameters.Count
        && a.Parameters.All(p => b.Parameters.Contains(p.Name) && SameText(p.Value, b.Parameters[p.Name]));

    private static bool SameText(string? a, string? b) =>
        string.Equals(Normalise(a) ?? "", Normalise(b) ?? "", StringComparison.OrdinalIgnoreCase);

    private static string Digits(SipUri uri) => string.Concat(uri.Rest!.Where(c => c is not ('-' or '.' or '(' or ')')));
}
