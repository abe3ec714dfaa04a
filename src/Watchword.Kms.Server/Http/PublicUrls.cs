using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Http;

/// <summary>The URLs of a security domain as clients see them: what ClientReqUrl is compared with and echoed from.</summary>
/// <param name="configured">The public base URLs; port 0 stands for the port that is listened on.</param>
/// <param name="server">Knows that port, once it listens.</param>
internal sealed class PublicUrls(IReadOnlyList<Uri> configured, IServer server)
{
    private readonly Lazy<string[]> _bases = new(
        () => [.. configured.Select(url => WithPort(url, server).GetLeftPart(UriPartial.Authority))]);

    /// <summary>The first of the base URLs: what a client is told.</summary>
    public string First => _bases.Value[0];

    /// <summary>True if scheme, host and port of a request are those of one of the base URLs.</summary>
    public bool HasAuthorityOf(HttpRequest request) => BaseOf(request) is not null;

    /// <summary>
    /// The URL of a request, from the path as it stood in the request line; for a path that is none of D.2 the root, so that no
    /// answer repeats what a client made up.
    /// </summary>
    public string Of(HttpRequest request, string escapedPath) =>
        (BaseOf(request) ?? _bases.Value[0]) + (AnnexDPaths.TryParse(escapedPath, out _) ? escapedPath : AnnexDPaths.Root);

    /// <summary>
    /// True if <paramref name="url"/> is the URL of the request: scheme and authority as URLs compare, under any of the base URLs; each
    /// segment decoded once (a client may escape more or less than it had to, RFC 3986 §6.2.2).
    /// </summary>
    public bool Matches(string url, AnnexDTarget target)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        int path = scheme < 0 ? -1 : url.IndexOf('/', scheme + 3);
        return path > 0
            && Uri.TryCreate(url[..path], UriKind.Absolute, out Uri? authority)
            && _bases.Value.Contains(authority.GetLeftPart(UriPartial.Authority))
            && AnnexDPaths.TryParse(url[path..], out AnnexDTarget? named)
            && named == target;
    }

    /// <summary>True if a value of KmsUri is one of the base URLs, alone or with a path of D.2: one deployed client sends its
    /// server's address there.</summary>
    public bool IsServerUrl(string kmsUri) =>
        Uri.TryCreate(kmsUri, UriKind.Absolute, out Uri? url)
        && url.UserInfo.Length == 0
        && _bases.Value.Contains(url.GetLeftPart(UriPartial.Authority))
        && (url.PathAndQuery is "/" or AnnexDPaths.Root or AnnexDPaths.Root + "/"
            || AnnexDPaths.TryParse(url.PathAndQuery, out _));

    private string? BaseOf(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out Uri? url)
        && url.GetLeftPart(UriPartial.Authority) is var authority && _bases.Value.Contains(authority)
            ? authority
            : null;

    private static Uri WithPort(Uri url, IServer server)
    {
        if (url.Port != 0)
        {
            return url;
        }

        string? address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return address is null ? url : new UriBuilder(url) { Port = BindingAddress.Parse(address).Port }.Uri;
    }
}
