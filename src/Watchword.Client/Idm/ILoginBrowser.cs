using Duende.IdentityModel.OidcClient.Browser;

namespace Watchword.Client;

/// <summary>A way through the IdM server's log-in pages, with the redirect URI at which it takes the answer.</summary>
public interface ILoginBrowser : IBrowser
{
    /// <summary>The redirect URI of the authentication request (TS 33.180 B.4.2.2; RFC 8252 §7.3 for the loopback form).</summary>
    string RedirectUri { get; }
}
