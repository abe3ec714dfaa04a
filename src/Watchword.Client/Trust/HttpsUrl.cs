using System.Diagnostics.CodeAnalysis;

namespace Watchword.Client;

/// <summary>Which URLs are used at all.</summary>
internal static class HttpsUrl
{
    /// <summary>True for an absolute https URL without user information and fragment.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url)
        && string.Equals(url.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)
        && url.UserInfo.Length == 0
        && url.Fragment.Length == 0;

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
    public static Uri Require(string? text, string what) =>
        TryParse(text, out Uri? url) ? url : throw new WatchwordClientException(ClientFault.UrlNotHttps, what);

    /// <summary>True if both have the same scheme, host and port.</summary>
    public static bool SameOrigin(Uri a, Uri b) =>
        Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
}
