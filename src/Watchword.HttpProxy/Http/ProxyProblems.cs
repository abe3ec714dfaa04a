using Watchword.Hosting;
using Watchword.HttpProxy.Observability;

namespace Watchword.HttpProxy.Http;

/// <summary>Answers with errors of the proxy itself.</summary>
internal static class ProxyProblems
{
    private const string RetrySeconds = "5";

    public static Task WriteAsync(HttpContext context, ProxyError error)
    {
        context.RequestServices.GetRequiredService<ProxyMetrics>().Refused(error);
        // Whatever a server behind the proxy called the request, this answer is the proxy's.
        context.Response.Headers[CorrelationMiddleware.HeaderName] = context.TraceIdentifier;
        if (error is ProxyError.TooBusy or ProxyError.TooManyRequests)
        {
            context.Response.Headers.RetryAfter = RetrySeconds;
        }

        ProxyErrorText text = ProxyErrorText.Of(error);
        return new ProblemAnswer("proxy", (int)error, text.Cause, text.Clause, text.NextStep).WriteAsync(context);
    }
}
