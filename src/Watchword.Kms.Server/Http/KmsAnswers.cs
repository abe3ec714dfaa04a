using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Http;

/// <summary>Writes KmsResponse documents: media type, headers, and the frame around message or error (TS 33.180 D.3.1).</summary>
internal sealed class KmsAnswers(
    KmsState state, ClientProfiles profiles, TimeProvider time, KmsMetrics metrics, ILogger<KmsAnswers> log)
{
    /// <summary>Seconds after which a client may try again when the KMS cannot issue at present.</summary>
    private const int RetryAfterSeconds = 30;

    /// <summary>UserUri of an answer to somebody unknown: the schema wants one (RFC 3323 §4.1.1.3).</summary>
    private const string NobodyUri = "sip:anonymous@anonymous.invalid";

    /// <summary>KmsUri of an answer where no domain is served: the schema wants one (RFC 6761 §6.4).</summary>
    private const string NoKmsUri = "kms.invalid";

    private static readonly AnnexDOptions PlainXml = new();

    /// <summary>Writes a message; owns and disposes it, keys included.</summary>
    public async Task WriteAsync(HttpContext context, string userUri, KmsMessage message)
    {
        using KmsResponse response = NewResponse(context, userUri, message, error: null);
        await WriteAsync(context, StatusCodes.Status200OK, response);
    }

    /// <summary>Writes an error.</summary>
    public async Task WriteErrorAsync(HttpContext context, KmsError error, string? detail = null)
    {
        Count(context, (int)error);
        log.Refused(error, context.TraceIdentifier);
        int status = StatusOf(context, error);
        if (status == StatusCodes.Status503ServiceUnavailable && context.Response.Headers.RetryAfter.Count == 0)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        using KmsResponse response = NewResponse(
            context, UserUriOf(context), message: null, KmsErrorMapping.BodyOf(error, detail, context.TraceIdentifier));
        await WriteAsync(context, status, response);
    }

    /// <summary>The escaped path of the request as it stood in the request line.</summary>
    public static string PathOf(HttpContext context) =>
        AnnexDPaths.PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>The status of an error; without token one old client goes for a new one at 401 only (Q11).</summary>
    private int StatusOf(HttpContext context, KmsError error)
    {
        int status = KmsErrorMapping.StatusOf(error);
        if (error != KmsError.NoToken || profiles.Of(context).MissingTokenStatus == status)
        {
            return status;
        }

        profiles.Count(context, Quirk.MissingTokenStatus);
        return profiles.Of(context).MissingTokenStatus;
    }

    private string MediaTypeFor(HttpContext context)
    {
        string asked = AnswerMediaType.Negotiate(context.Request.Headers.Accept);
        string given = AnswerMediaType.Of(profiles.Of(context).MediaType, context.Request.Headers.Accept);
        if (asked != given)
        {
            profiles.Count(context, Quirk.MediaType);
        }

        return given;
    }

    private void Count(HttpContext context, int error)
    {
        metrics.Refused(error);
        RequestRecord.Of(context)?.Error = error.ToString(CultureInfo.InvariantCulture);
    }

    private static string UserUriOf(HttpContext context) =>
        RequesterMapping.Find(context.User)?.Identities[0].Uri ?? NobodyUri;

    private KmsResponse NewResponse(HttpContext context, string userUri, KmsMessage? message, KmsErrorBody? error)
    {
        ServedDomain? domain = state.Find(context.Request);
        return new KmsResponse
        {
            UserUri = userUri,
            KmsUri = domain?.KmsUri ?? NoKmsUri,
            Time = time.GetUtcNow(),
            KmsId = domain?.Settings.KmsId,
            ClientReqUrl = domain?.Urls.Of(context.Request, PathOf(context)) ?? AnnexDPaths.Root,
            Message = message,
            Error = error,
            TransportKeyId = AnswerProtection.Of(context)?.TransportKey.Id,
        };
    }

    private async Task WriteAsync(HttpContext context, int status, KmsResponse response)
    {
        using WipingBuffer buffer = new();
        AnnexDOptions xml = profiles.XmlOf(context, state.Find(context.Request)?.Settings.Xml ?? PlainXml);
        AnswerProtection.Write(context, response, buffer, xml);
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = MediaTypeFor(context) + "; charset=utf-8";
        context.Response.ContentLength = buffer.Written.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // Flushed before the buffer is wiped: the server may still hold the memory it was given until then.
            await context.Response.Body.WriteAsync(buffer.Written, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
