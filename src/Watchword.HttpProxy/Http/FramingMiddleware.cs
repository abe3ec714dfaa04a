using Microsoft.Extensions.Primitives;

namespace Watchword.HttpProxy.Http;

/// <summary>
/// Refuses what two parsers could read in two ways. Kestrel refuses two <c>Content-Length</c>, folded lines, other codings than
/// <c>chunked</c>, and a <c>Host</c> that is not the target's authority; here is what it bears with. Where <c>Connection</c> has
/// <c>close</c> or <c>keep-alive</c>, Kestrel keeps only that of it: the other names take no header off, here or further on.
/// </summary>
internal sealed class FramingMiddleware(RequestDelegate next)
{
    /// <summary>Where Kestrel puts a <c>Content-Length</c> that it found beside <c>Transfer-Encoding</c>.</summary>
    private const string SetAside = "X-Content-Length";

    /// <summary>Headers that never are the connection's, whatever <c>Connection</c> says (RFC 9110 §7.6.1).</summary>
    private static readonly HashSet<string> OfMessages = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Authorization", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Cookie", "If-Match",
        "If-None-Match", "Accept", "Cache-Control", "Expect", "User-Agent", "Via", "Date", "X-3GPP-Intended-Identity",
    };

    /// <summary>Headers that HTTP/2 does not have (RFC 9113 §8.2.2).</summary>
    private static readonly string[] OfConnections =
        ["Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"];

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers.TransferEncoding.Count > 0 && (headers.ContentLength is not null || headers.ContainsKey(SetAside)))
        {
            // What follows on this connection may be the rest of the body.
            context.Response.Headers.Connection = "close";
            throw new ProxyException(ProxyError.FramingAmbiguous);
        }

        if (!HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol)
            && OfConnections.Any(headers.ContainsKey))
        {
            throw new ProxyException(ProxyError.RequestMalformed);
        }

        if (NamesOf(headers.Connection).Any(OfMessages.Contains))
        {
            throw new ProxyException(ProxyError.ConnectionHeaderMalformed);
        }

        return next(context);
    }

    /// <summary>The elements of a list header over all its lines.</summary>
    public static IEnumerable<string> NamesOf(StringValues lines) => lines
        .SelectMany(line => (line ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
