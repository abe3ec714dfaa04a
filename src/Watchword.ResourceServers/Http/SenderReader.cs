using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Primitives;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Observability;

namespace Watchword.ResourceServers.Http;

/// <summary>
/// Finds out who sent a request (TS 24.482 A.2.3): a token counts whatever else is there; without one, the identity that a
/// trusted peer asserts on the listener for that; else nobody.
/// </summary>
internal sealed class SenderReader(ServicesSettings settings, TimeProvider time, ILogger<SenderReader> log)
{
    /// <summary>The sender; null where a refusal of the token has been written.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">The service that is asked, whose tokens count.</param>
    /// <exception cref="ServicesException">There is no token, and no identity that is believed.</exception>
    public async Task<Sender?> ReadAsync(HttpContext context, ServiceSettings service)
    {
        if (context.Request.Headers.Authorization.Count == 0)
        {
            ServicesError error = ReadAsserted(context, out Sender? asserted);
            if (error == ServicesError.None)
            {
                return asserted;
            }

            log.SenderRefused(error, context.TraceIdentifier);
            throw new ServicesException(error);
        }

        AuthenticateResult result = await context.AuthenticateAsync(service.Scheme);
        if (AccessTokenPrincipal.From(result.Principal) is { } token)
        {
            return Sender.Of(token);
        }

        await context.ChallengeAsync(service.Scheme);
        return null;
    }

    private ServicesError ReadAsserted(HttpContext context, out Sender? sender)
    {
        sender = null;
        StringValues header = context.Request.Headers[AssertedIdentityHeader.Name];
        if (header.Count == 0)
        {
            return ServicesError.SenderUnknown;
        }

        // Again, after the handshake: a connection may outlive the certificate.
        if (!AssertedIdentityListener.Has(context)
            || settings.AssertedIdentity?.FindPeer(context.Connection.ClientCertificate, time.GetUtcNow()) is not { } peer)
        {
            return ServicesError.AssertionNotTrusted;
        }

        if (!AssertedIdentityHeader.TryRead(header, out string? identity))
        {
            return ServicesError.AssertedIdentityMalformed;
        }

        if (!peer.MayAssert(identity))
        {
            return ServicesError.AssertedIdentityNotAllowed;
        }

        sender = Sender.Asserted(identity);
        return ServicesError.None;
    }
}
