using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Http;

/// <summary>The URLs of this KMS as clients see them: what ClientReqUrl is compared with and echoed from.</summary>
internal sealed class PublicUrl(KmsSettings settings, IServer server)
{
    private readonly Lazy<Uri> _base = new(() => WithPort(settings.PublicBaseUrl, server));

    /// <summary>
    /// The URL of a request, from the path as it stood in the request line; for a path that is none of D.2 the root, so that no
    /// answer repeats what a client made up.
    /// </summary>
    public string Of(string escapedPath) => Base + (AnnexDPaths.TryParse(escapedPath, out _) ? escapedPath : AnnexDPaths.Root);

    /// <summary>
    /// True if <paramref name="url"/> is the URL of the request: scheme and authority as URLs compare, each segment decoded once
    /// (a client may escape more or less than it had to, RFC 3986 §6.2.2).
    /// </summary>
    public bool Matches(string url, AnnexDTarget target)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        int path = scheme < 0 ? -1 : url.IndexOf('/', scheme + 3);
        return path > 0
            && Uri.TryCreate(url[..path], UriKind.Absolute, out Uri? authority)
            && authority.GetLeftPart(UriPartial.Authority) == Base
            && AnnexDPaths.TryParse(url[path..], out AnnexDTarget? named)
            && named == target;
    }

    private string Base => _base.Value.GetLeftPart(UriPartial.Authority);

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
