using Microsoft.AspNetCore.Http.Features;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Http;

/// <summary>Reads and checks path and body of a request (TS 33.180 D.2.2). The body is empty, a
/// KmsRequest or a SignedKmsRequest.</summary>
internal sealed class KeyRequestReader(
    KmsSettings settings, RequestProtection protection, ClientProfiles profiles, TimeProvider time)
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
        KmsRequest? read = await protection.AdmitAsync(
            context,
            domain,
            body,
            (request, isSigned) => Check(context, request, isSigned, domain, target));
        if (target.Argument is { } uri
            && !KmsAnswers.PathOf(context).Contains(AnnexDPaths.EscapeSegment(uri), StringComparison.Ordinal))
        {
            profiles.Count(context, Quirk.PathForm);
        }

        return read;
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

    private void Check(HttpContext context, KmsRequest request, bool isSigned, ServedDomain domain, AnnexDTarget target)
    {
        ClientProfile profile = profiles.Of(context);
        CheckKmsUri(context, profile, request, isSigned, domain);
        if (!domain.Urls.Matches(request.ClientReqUrl, target))
        {
            profiles.Refuse(context, StrictRule.RequestUrl, new KmsException(KmsError.WrongRequestUrl), isSigned);
        }

        CheckTime(context, profile, request, isSigned);
        if (!RequesterMapping.HasIdentity(context.User, request.UserUri))
        {
            throw new KmsException(KmsError.UserUriNotRequesters);
        }
    }

    /// <summary>KmsUri is the domain's; some profiles take an alias or the URL of the server (Q2).</summary>
    private void CheckKmsUri(
        HttpContext context, ClientProfile profile, KmsRequest request, bool isSigned, ServedDomain domain)
    {
        if (string.Equals(request.KmsUri, domain.KmsUri, StringComparison.Ordinal))
        {
            return;
        }

        bool isBorne = (profile.AcceptsAliases && domain.IsNamedBy(request.KmsUri))
            || (profile.AcceptsServerUrl && domain.Urls.IsServerUrl(request.KmsUri));
        if (!isBorne)
        {
            profiles.Refuse(context, StrictRule.KmsUri, new KmsException(KmsError.WrongKmsUri), isSigned);
        }
        else
        {
            profiles.Count(context, Quirk.KmsUriAlias);
        }
    }

    /// <summary>
    /// Time is near the clock; some profiles take local time (Q3). Not of a signed request: until when it is remembered, so that
    /// it is taken once, depends on its time. One without signature might as well have no body.
    /// </summary>
    private void CheckTime(HttpContext context, ClientProfile profile, KmsRequest request, bool isSigned)
    {
        DateTimeOffset now = time.GetUtcNow();
        if ((request.Time - now).Duration() <= settings.RequestTimeSkew)
        {
            return;
        }

        if (!isSigned && profile.AcceptsLocalTime && !request.TimeHadZone
            && LocalTime.Explains(request.Time, now, settings.RequestTimeSkew))
        {
            profiles.Count(context, Quirk.LocalTime);
        }
        else
        {
            profiles.Refuse(context, StrictRule.RequestTime, new KmsException(KmsError.RequestTimeOutsideWindow), isSigned);
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
