using Watchword.Hosting;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Observability;

namespace Watchword.ResourceServers.Http;

/// <summary>Answers with errors of the services.</summary>
internal sealed class ServicesProblems(ServicesMetrics metrics)
{
    private const string RetrySeconds = "5";

    /// <summary>A conflict in the words of XCAP (RFC 4825 §11); the number stands in its phrase.</summary>
    public async Task WriteAsync(HttpContext context, ServicesError error, XcapError conflict)
    {
        metrics.Refused(error);
        ProblemAnswer.Note(context, (int)error);
        byte[] body = (conflict with { Phrase = $"{conflict.Phrase} [{context.TraceIdentifier}]" }).Write();
        context.Response.StatusCode = ServicesErrorText.StatusOf(error);
        context.Response.ContentType = XcapError.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public Task WriteAsync(HttpContext context, ServicesError error)
    {
        metrics.Refused(error);
        if (error is ServicesError.StoreUnavailable or ServicesError.KeysUnavailable)
        {
            context.Response.Headers.RetryAfter = RetrySeconds;
        }

        ServicesErrorText text = ServicesErrorText.Of(error);
        return new ProblemAnswer("services", (int)error, text.Cause, text.Clause, text.NextStep).WriteAsync(context);
    }
}
