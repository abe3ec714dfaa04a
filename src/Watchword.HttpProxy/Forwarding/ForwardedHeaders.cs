using Microsoft.Extensions.Primitives;
using Watchword.HttpProxy.Http;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// What of a request's header goes on: all of it, <c>Host</c> and <c>Authorization</c> included, but for the connection's own
/// fields and what only a proxy may say of a client.
/// </summary>
internal static class ForwardedHeaders
{
    private const string Via = "1.1 watchword-proxy";

    private static readonly string[] OfConnection =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer", "Upgrade",
        "HTTP2-Settings", "Expect",
    ];

    /// <summary>Takes off what must not go on, and says that this proxy was on the way (RFC 9110 §7.6.3).</summary>
    public static void Prepare(IHeaderDictionary headers)
    {
        foreach (string name in FramingMiddleware.NamesOf(headers.Connection).Concat(OfConnection).ToArray())
        {
            headers.Remove(name);
        }

        foreach (string name in headers.Keys.Where(HeaderNames.IsOfProxies).ToArray())
        {
            headers.Remove(name);
        }

        headers.Via = StringValues.Concat(headers.Via, Via);
    }
}
