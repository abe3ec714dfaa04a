using Microsoft.Extensions.Primitives;
using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Observability;
using Watchword.Identity;

namespace Watchword.HttpProxy.Http;

/// <summary>
/// Who may assert an identity (TS 24.482 A.2.2): no UE, in whatever spelling and place; a network entity exactly one that its
/// certificate allows.
/// </summary>
internal sealed class AssertedIdentityMiddleware(
    RequestDelegate next, ProxySettings settings, TimeProvider time, ILogger<AssertedIdentityMiddleware> log)
{
    public Task InvokeAsync(HttpContext context)
    {
        ProxyError error = AssertedIdentityListener.Has(context) ? JudgeEntity(context) : JudgeUe(context);
        if (error != ProxyError.None)
        {
            log.AssertionRefused(error, context.TraceIdentifier);
            throw new ProxyException(error);
        }

        return next(context);
    }

    /// <summary>The same for what comes behind the body (RFC 9110 §6.5): no identity is asserted there, by nobody.</summary>
    public static ProxyError JudgeTrailers(HttpContext context, IHeaderDictionary trailers) =>
        !trailers.Keys.Any(HeaderNames.IsAssertedIdentity) ? ProxyError.None
        : AssertedIdentityListener.Has(context) ? ProxyError.AssertedIdentityMalformed
        : ProxyError.IdentityAssertedByUe;

    private ProxyError JudgeUe(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers.Keys.Any(HeaderNames.IsAssertedIdentity) || IsAnnounced(headers))
        {
            return ProxyError.IdentityAssertedByUe;
        }

        // Again, after the handshake: a connection may outlive the certificate.
        return settings.UeCertificates is null || settings.UeCertificates.StillAccepts(context.Connection.ClientCertificate, time.GetUtcNow())
            ? ProxyError.None
            : ProxyError.PeerNotTrusted;
    }

    private ProxyError JudgeEntity(HttpContext context)
    {
        if (settings.AssertedIdentity?.FindPeer(context.Connection.ClientCertificate, time.GetUtcNow()) is not { } peer)
        {
            return ProxyError.PeerNotTrusted;
        }

        IHeaderDictionary headers = context.Request.Headers;
        string[] names = [.. headers.Keys.Where(HeaderNames.IsAssertedIdentity)];
        if (names.Length == 0)
        {
            return ProxyError.AssertedIdentityMissing;
        }

        StringValues lines = headers[AssertedIdentityHeader.Name];
        if (names.Length > 1 || IsAnnounced(headers) || !AssertedIdentityHeader.TryRead(lines, out string? identity))
        {
            return ProxyError.AssertedIdentityMalformed;
        }

        return peer.MayAssert(identity) ? ProxyError.None : ProxyError.AssertedIdentityNotAllowed;
    }

    /// <summary>Named as one of the connection, it would be taken off on the way; as a trailer, it would come behind the
    /// body.</summary>
    private static bool IsAnnounced(IHeaderDictionary headers) =>
        FramingMiddleware.NamesOf(headers.Connection).Concat(FramingMiddleware.NamesOf(headers["Trailer"]))
            .Any(HeaderNames.IsAssertedIdentity);
}
