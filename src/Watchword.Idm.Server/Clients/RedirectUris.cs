namespace Watchword.Idm.Server.Clients;

/// <summary>
/// Redirect URIs are compared as strings, octet by octet: no case folding, no decoding, no default ports (RFC 9700 §2.1, OpenID
/// Connect Core §3.1.2.1). The one exception: where <c>http://127.0.0.1</c> or <c>http://[::1]</c> is registered, the port is free
/// (RFC 8252 §7.3), because a native client listens on whatever port the system gives it.
/// </summary>
internal static class RedirectUris
{
    private static readonly string[] LoopbackOrigins = ["http://127.0.0.1", "http://[::1]"];

    /// <summary>True if <paramref name="presented"/> is the registered URI.</summary>
    public static bool Matches(string registered, string presented) =>
        string.Equals(registered, presented, StringComparison.Ordinal)
        || (WithoutLoopbackPort(registered) is { } expected
            && string.Equals(expected, WithoutLoopbackPort(presented), StringComparison.Ordinal));

    /// <summary>
    /// What may be registered: https, http on a loopback address, or a private-use scheme with a dot in it (RFC 8252 §7.1); no
    /// fragment, no user. Returns what is wrong, or null.
    /// </summary>
    public static string? FaultOf(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out Uri? uri) || value.Any(character => character is <= ' ' or > '~'))
        {
            return "a redirect URI must be an absolute URI in ASCII";
        }

        if (value.Contains('#', StringComparison.Ordinal) || uri.UserInfo.Length > 0)
        {
            return "a redirect URI has neither fragment nor user";
        }

        bool allowed = value.StartsWith("https://", StringComparison.Ordinal)
            || WithoutLoopbackPort(value) is not null
            || (uri.Scheme.Contains('.', StringComparison.Ordinal) && value.StartsWith(uri.Scheme + ":", StringComparison.Ordinal));
        return allowed ? null : "a redirect URI is https, http on 127.0.0.1 or [::1], or has a private-use scheme with a dot";
    }

    /// <summary>The source to name in the form-action of the log-in page: a browser checks the redirect after a form against it.</summary>
    public static string FormActionSource(string redirectUri)
    {
        Uri uri = new(redirectUri);
        return uri.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 && uri.Scheme is "http" or "https"
            ? uri.GetLeftPart(UriPartial.Authority)
            : uri.Scheme + ":";
    }

    private static string? WithoutLoopbackPort(string value)
    {
        string? origin = Array.Find(LoopbackOrigins, candidate => value.StartsWith(candidate, StringComparison.Ordinal));
        if (origin is null)
        {
            return null;
        }

        string rest = value[origin.Length..];
        if (rest.StartsWith(':'))
        {
            int digits = rest.AsSpan(1).IndexOfAnyExceptInRange('0', '9');
            digits = digits < 0 ? rest.Length - 1 : digits;
            if (!ushort.TryParse(rest.AsSpan(1, digits), out ushort port) || port == 0)
            {
                return null;
            }

            rest = rest[(digits + 1)..];
        }

        return rest.Length == 0 || rest[0] is '/' or '?' ? origin + rest : null;
    }
}
