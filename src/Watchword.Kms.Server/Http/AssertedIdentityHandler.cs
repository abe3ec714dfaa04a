using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// The authentication scheme of requests without token on a listener for asserted identities (TS 24.482 A.2.3 c): the peer by its
/// client certificate, the network entity by the header, if that peer may assert it.
/// </summary>
internal sealed class AssertedIdentityHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    AssertedIdentitySettings settings,
    TimeProvider time,
    KmsAnswers answers,
    DeniedRequests denied)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "Watchword.AssertedIdentity";

    private KmsError _fault;

    /// <summary>Who connected, whether or not he is believed; null without a client certificate.</summary>
    private string? _peer;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        _fault = Judge(out AssertedEntity? entity);
        return Task.FromResult(entity is null
            ? AuthenticateResult.Fail(_fault.ToString())
            : AuthenticateResult.Success(
                new AuthenticationTicket(new ClaimsPrincipal(new AssertedEntityIdentity(entity)), Scheme)));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Runs the authentication if the pipeline has not.
        await HandleAuthenticateOnceAsync();
        Logger.AssertionRefused(_fault, Context.TraceIdentifier);
        await denied.RecordAsync(Context, _fault, issuer: _peer, subject: null);
        await answers.WriteErrorAsync(Context, _fault);
    }

    private KmsError Judge(out AssertedEntity? entity)
    {
        entity = null;
        _peer = Context.Connection.ClientCertificate is { } certificate
            ? AssertedEntity.IssuerOf(certificate.GetCertHashString(HashAlgorithmName.SHA256))
            : null;

        // The endpoint is only chosen for such requests; the mark and the credential are looked at here all the same, since
        // everything below believes the header.
        if (!AssertedIdentityListener.Has(Context) || Request.Headers.Authorization.Count > 0)
        {
            return KmsError.PeerNotTrusted;
        }

        // Again, after the handshake: a connection may outlive the certificate.
        if (settings.FindPeer(Context.Connection.ClientCertificate, time.GetUtcNow()) is not { } peer)
        {
            return KmsError.PeerNotTrusted;
        }

        StringValues header = Request.Headers[AssertedIdentityHeader.Name];
        if (header.Count == 0)
        {
            return KmsError.AssertedIdentityMissing;
        }

        if (!AssertedIdentityHeader.TryRead(header, out string? identity))
        {
            return KmsError.AssertedIdentityMalformed;
        }

        if (!peer.MayAssert(identity))
        {
            return KmsError.AssertedIdentityNotAllowed;
        }

        entity = new AssertedEntity(peer.Thumbprint, identity);
        return KmsError.None;
    }
}
