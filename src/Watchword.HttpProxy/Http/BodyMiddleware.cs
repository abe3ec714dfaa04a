using Microsoft.AspNetCore.Http.Features;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Observability;

namespace Watchword.HttpProxy.Http;

/// <summary>
/// Reads the whole body before any of the request goes on. So a slow client holds the proxy's connection and not the server's, the
/// forwarded request has one <c>Content-Length</c> whatever came in, and an identity asserted behind the body is found in time.
/// </summary>
internal sealed class BodyMiddleware(RequestDelegate next, ProxySettings settings, ILogger<BodyMiddleware> log)
{
    private const int FirstOctets = 4096;

    public async Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            await next(context);
            return;
        }

        if (request.ContentLength > settings.Limits.BodyOctets)
        {
            throw new ProxyException(ProxyError.BodyTooLarge);
        }

        (byte[] body, int length) = await ReadAsync(request, settings.Limits.BodyOctets, context.RequestAborted);
        CheckTrailers(context);
        request.Headers.Remove("Transfer-Encoding");
        request.ContentLength = length;
        request.Body = new MemoryStream(body, 0, length, writable: false);
        await next(context);
    }

    private void CheckTrailers(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestTrailersFeature>() is not { Available: true } trailers)
        {
            return;
        }

        ProxyError error = AssertedIdentityMiddleware.JudgeTrailers(context, trailers.Trailers);
        if (error != ProxyError.None)
        {
            log.AssertionRefused(error, context.TraceIdentifier);
            throw new ProxyException(error);
        }
    }

    /// <summary>The body in an array that grows with what came, not with what was announced.</summary>
    private static async Task<(byte[] Body, int Length)> ReadAsync(HttpRequest request, int most, CancellationToken cancellation)
    {
        byte[] body = new byte[FirstOctets];
        int length = 0;
        while (true)
        {
            int read = await request.Body.ReadAsync(body.AsMemory(length), cancellation);
            if (read == 0)
            {
                return (body, length);
            }

            length += read;
            if (length > most)
            {
                throw new ProxyException(ProxyError.BodyTooLarge);
            }

            if (length == body.Length)
            {
                Array.Resize(ref body, (int)Math.Min(2L * body.Length, most + 1L));
            }
        }
    }
}
