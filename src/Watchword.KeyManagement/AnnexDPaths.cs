using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Watchword.KeyManagement;

/// <summary>The requests of TS 33.180 D.2, by the segment after the root path.</summary>
public enum AnnexDOperation
{
    /// <summary><c>/init</c> (D.2.3).</summary>
    Init = 0,

    /// <summary><c>/keyprov</c>, <c>/keyprov/{uri}</c>, <c>/keyprov/{uri}/{time}</c> (D.2.4).</summary>
    KeyProv = 1,

    /// <summary><c>/certcache</c>, <c>/certcache/{number}</c> (D.2.5).</summary>
    CertCache = 2,

    /// <summary><c>/cert/{kms-uri}</c> (D.2.6).</summary>
    Cert = 3,

    /// <summary><c>/lookup/{uri}</c> (D.2.7).</summary>
    Lookup = 4,

    /// <summary><c>/redirect</c> (D.2.8).</summary>
    Redirect = 5,
}

/// <summary>What a request path asks for.</summary>
/// <param name="Operation">The request.</param>
/// <param name="Argument">The decoded segment after it (user, group or KMS URI, or cache number), or null.</param>
/// <param name="Time">The NTP timestamp of <c>/keyprov/{uri}/{time}</c>, or null.</param>
public sealed record AnnexDTarget(AnnexDOperation Operation, string? Argument = null, ulong? Time = null);

/// <summary>
/// Builds and splits the paths of TS 33.180 D.2. A URI is one percent-encoded segment, so a path is split while still escaped
/// and each segment is decoded exactly once: a server that decodes first would take <c>%2F</c> for a boundary.
/// </summary>
public static class AnnexDPaths
{
    /// <summary>The root path of every request (D.2.1).</summary>
    public const string Root = "/keymanagement/identity/v1";

    /// <summary>Longest path that is split, in characters.</summary>
    public const int MaxLength = 8 * 1024;

    private static readonly string[] Names = ["init", "keyprov", "certcache", "cert", "lookup", "redirect"];

    /// <summary>The characters of RFC 3986 <c>pchar</c> that stand for themselves.</summary>
    private static readonly SearchValues<char> Literal =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@");

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The path of KMS Initialize.</summary>
    public static string Init => Root + "/init";

    /// <summary>The path of KMS KeyProvision for all identities of the caller, one of them, or one of them at a time.</summary>
    /// <param name="userUri">The identity, as provisioned; null for all of the token.</param>
    /// <param name="time">A time within the key period wanted, as NTP timestamp; only together with an identity.</param>
    /// <exception cref="ArgumentException">A time without identity, or an identity that is empty or has no UTF-8
    /// form.</exception>
    public static string KeyProv(string? userUri = null, ulong? time = null) =>
        Build(new AnnexDTarget(AnnexDOperation.KeyProv, userUri, time));

    /// <summary>Builds the escaped path of a target.</summary>
    /// <exception cref="ArgumentException">The operation does not take this argument or time, or the argument has no UTF-8
    /// form.</exception>
    public static string Build(AnnexDTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!Fits(target))
        {
            throw new ArgumentException("The operation does not take this argument or time (TS 33.180 D.2).", nameof(target));
        }

        StringBuilder path = new(Root);
        path.Append('/').Append(Names[(int)target.Operation]);
        if (target.Argument is not null)
        {
            path.Append('/').Append(EscapeSegment(target.Argument));
        }

        if (target.Time is ulong time)
        {
            path.Append('/').Append(NtpTimestamp.ToHex(time));
        }

        return path.ToString();
    }

    /// <summary>
    /// Splits an escaped path, as it stood in the request line without query. False for anything that is not exactly one of the
    /// paths of D.2: another root, a trailing or doubled slash, a bad escape, octets that are not UTF-8, a control character, a
    /// timestamp that is not 16 upper-case hexadecimal digits.
    /// </summary>
    public static bool TryParse(string? escapedPath, [NotNullWhen(true)] out AnnexDTarget? target)
    {
        target = null;
        if (escapedPath is null || escapedPath.Length > MaxLength || !escapedPath.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            return false;
        }

        string[] segments = escapedPath[(Root.Length + 1)..].Split('/');
        int operation = Array.IndexOf(Names, segments[0]);
        if (operation < 0 || segments.Length > 3)
        {
            return false;
        }

        string? argument = null;
        if (segments.Length > 1 && !TryUnescapeSegment(segments[1], out argument))
        {
            return false;
        }

        ulong time = 0;
        if (segments.Length > 2 && !NtpTimestamp.TryParseHex(segments[2], out time))
        {
            return false;
        }

        AnnexDTarget parsed = new((AnnexDOperation)operation, argument, segments.Length > 2 ? time : null);
        target = Fits(parsed) ? parsed : null;
        return target is not null;
    }

    /// <summary>
    /// The escaped path of an HTTP request target (RFC 9112 §3.2): the query is cut off, and of the absolute form scheme and
    /// authority. Nothing is decoded.
    /// </summary>
    public static string PathOf(string requestTarget)
    {
        ArgumentNullException.ThrowIfNull(requestTarget);
        int query = requestTarget.AsSpan().IndexOfAny('?', '#');
        string path = query < 0 ? requestTarget : requestTarget[..query];
        int authority = path.IndexOf("://", StringComparison.Ordinal);
        if (path.StartsWith('/') || authority < 0)
        {
            return path;
        }

        int slash = path.IndexOf('/', authority + 3);
        return slash < 0 ? "/" : path[slash..];
    }

    /// <summary>
    /// Percent-encodes a string as one path segment: all but the unreserved characters of RFC 3986 §2.3, in UTF-8.
    /// </summary>
    /// <exception cref="ArgumentException">The string has no UTF-8 form.</exception>
    public static string EscapeSegment(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // Uri.EscapeDataString would replace a lone surrogate silently: another identity than the one given.
        _ = StrictUtf8.GetByteCount(value);
        return Uri.EscapeDataString(value);
    }

    /// <summary>
    /// Decodes one escaped segment once; false for a bad escape, a character that a segment cannot hold, invalid UTF-8, a
    /// control character or nothing.
    /// </summary>
    public static bool TryUnescapeSegment(string? segment, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (string.IsNullOrEmpty(segment) || segment.Length > MaxLength)
        {
            return false;
        }

        byte[] octets = new byte[segment.Length];
        int length = 0;
        for (int i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                if (!Literal.Contains(segment[i]))
                {
                    return false;
                }

                octets[length++] = (byte)segment[i];
            }
            else if (i + 2 < segment.Length && Hexadecimal.TryDecode(segment.AsSpan(i + 1, 2), octets.AsSpan(length, 1)))
            {
                length++;
                i += 2;
            }
            else
            {
                return false;
            }
        }

        return TryDecodeUtf8(octets.AsSpan(0, length), out value);
    }

    private static bool TryDecodeUtf8(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!System.Text.Unicode.Utf8.IsValid(octets))
        {
            return false;
        }

        string text = StrictUtf8.GetString(octets);
        value = text.Any(char.IsControl) ? null : text;
        return value is not null;
    }

    /// <summary>Which operations take an argument (D.2.3 to D.2.8) and which of them need it.</summary>
    private static bool Fits(AnnexDTarget target)
    {
        if (target.Argument?.Length == 0 || (target.Time is not null && target.Argument is null))
        {
            return false;
        }

        return target.Operation switch
        {
            AnnexDOperation.Init or AnnexDOperation.Redirect => target.Argument is null,
            AnnexDOperation.KeyProv => true,
            AnnexDOperation.CertCache => target.Time is null && (target.Argument is null || IsCacheNumber(target.Argument)),
            AnnexDOperation.Cert or AnnexDOperation.Lookup => target.Time is null && target.Argument is not null,
            _ => false,
        };
    }

    private static bool IsCacheNumber(string value) => value.Length <= 18 && value.All(char.IsAsciiDigit);
}
