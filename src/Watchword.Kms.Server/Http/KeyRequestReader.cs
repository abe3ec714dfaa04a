using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Http;

/// <summary>Reads and checks path and body of a request (TS 33.180 D.2.2). The body is empty, a
/// KmsRequest or a SignedKmsRequest.</summary>
internal sealed class KeyRequestReader(KmsSettings settings, RequestProtection protection, TimeProvider time)
{
    /// <summary>The target of the path; the path is split while escaped, each segment decoded once.</summary>
    /// <exception cref="KmsException">It is none of the paths served here.</exception>
    public static AnnexDTarget ReadTarget(HttpContext context)
    {
        string path = KmsAnswers.PathOf(context);
        if (context.Request.QueryString.HasValue)
        {
            throw new KmsException(KmsError.UnknownResource, "no resource of this interface has a query");
        }

        if (!AnnexDPaths.TryParse(path, out AnnexDTarget? target))
        {
            throw new KmsException(FaultOf(path));
        }

        bool namesIdentity = target.Operation is AnnexDOperation.KeyProv or AnnexDOperation.Lookup && target.Argument is not null;
        return !namesIdentity || McServiceId.IsValid(target.Argument) ? target : throw new KmsException(KmsError.MalformedUri);
    }

    /// <summary>Reads the body to its end and checks it; null if there is none.</summary>
    /// <exception cref="KmsException">It is neither a KmsRequest nor a SignedKmsRequest, or one of the checks fails.</exception>
    public async Task<KmsRequest?> ReadBodyAsync(HttpContext context, ServedDomain domain, AnnexDTarget target)
    {
        ReadOnlyMemory<byte> body = await ReadBoundedAsync(context);
        return await protection.AdmitAsync(context, domain, body, request => Check(request, domain, target, context.User));
    }

    /// <summary>The whole body. One that is too long is left where it is: Kestrel takes it off once the refusal is written.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadBoundedAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (context.Request.ContentLength > KestrelTls.MaxBodyOctets)
        {
            throw new KmsException(KmsError.BodyTooLarge);
        }

        byte[] buffer = new byte[(context.Request.ContentLength ?? KestrelTls.MaxBodyOctets) + 1];
        int length = await context.Request.Body.ReadAtLeastAsync(
            buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length <= KestrelTls.MaxBodyOctets ? buffer.AsMemory(0, length) : throw new KmsException(KmsError.BodyTooLarge);
    }

    private void Check(KmsRequest request, ServedDomain domain, AnnexDTarget target, ClaimsPrincipal user)
    {
        if (!domain.IsNamedBy(request.KmsUri))
        {
            throw new KmsException(KmsError.WrongKmsUri);
        }

        if (!domain.Urls.Matches(request.ClientReqUrl, target))
        {
            throw new KmsException(KmsError.WrongRequestUrl);
        }

        if ((request.Time - time.GetUtcNow()).Duration() > settings.RequestTimeSkew)
        {
            throw new KmsException(KmsError.RequestTimeOutsideWindow);
        }

        if (!RequesterMapping.HasIdentity(user, request.UserUri))
        {
            throw new KmsException(KmsError.UserUriNotRequesters);
        }
    }

    /// <summary>Which part of a path with a URI in it is at fault; anything else is no resource.</summary>
    private static KmsError FaultOf(string path)
    {
        string[] segments = path.Split('/');
        const int uri = 5;
        bool isKeyProv = path.StartsWith(AnnexDPaths.KeyProv() + "/", StringComparison.Ordinal)
            && segments.Length is uri + 1 or uri + 2;
        bool namesUri = isKeyProv || (segments.Length == uri + 1 && segments[uri - 1] is "cert" or "lookup");
        return !namesUri ? KmsError.UnknownResource
            : !AnnexDPaths.TryUnescapeSegment(segments[uri], out _) ? KmsError.MalformedUri
            : isKeyProv ? KmsError.MalformedTime : KmsError.UnknownResource;
    }
}
