using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Watchword.Hosting;

/// <summary>
/// One line in the log, one measurement and one span for each request. Of the request line only the method, if it is a known one,
/// and the template of its route are used: paths hold identities, queries hold codes.
/// </summary>
public sealed class RequestObserver
{
    /// <summary>The route of a request that met none.</summary>
    public const string NoRoute = "(none)";

    /// <summary>In the log where a client left before its answer; no status was sent.</summary>
    public const int ClientLeft = 499;

    private readonly RequestDelegate _next;
    private readonly Func<HttpContext, string?> _template;
    private readonly Func<HttpContext, string> _correlationId;
    private readonly ServerTracing _tracing;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<RequestObserver> _log;

    /// <summary>Used by <see cref="Use"/>.</summary>
    public RequestObserver(
        RequestDelegate next, Func<HttpContext, string?> template, Func<HttpContext, string> correlationId, ServerTracing tracing,
        ServerMetrics metrics, TimeProvider time, ILogger<RequestObserver> log)
    {
        _next = next;
        _template = template;
        _correlationId = correlationId;
        _tracing = tracing;
        _metrics = metrics;
        _time = time;
        _log = log;
    }

    /// <summary>Puts the observer at this place of the pipeline: behind what names the request, before what answers
    /// faults.</summary>
    /// <param name="application">The pipeline.</param>
    /// <param name="template">The template of a request that the endpoint does not tell; null for the endpoint's own.</param>
    /// <param name="correlationId">The name of the request.</param>
    public static void Use(
        IApplicationBuilder application, Func<HttpContext, string?> template, Func<HttpContext, string> correlationId) =>
        application.UseMiddleware<RequestObserver>(template, correlationId);

    /// <summary>Observes one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        RequestRecord record = new();
        context.Features.Set(record);
        long begin = _time.GetTimestamp();
        // A trace of our own: what a client sends as trace context would choose our identifiers and travel on as trace state.
        Activity.Current = null;
        using Activity? span = _tracing.StartRequest();
        bool failed = true;
        try
        {
            await _next(context);
            failed = false;
        }
        finally
        {
            int status = context.RequestAborted.IsCancellationRequested ? ClientLeft
                : failed ? StatusCodes.Status500InternalServerError
                : context.Response.StatusCode;
            Tell(context, record.Error, status, _time.GetElapsedTime(begin), span);
        }
    }

    private void Tell(HttpContext context, string? error, int status, TimeSpan duration, Activity? span)
    {
        string method = MethodOf(context.Request.Method);
        // Who handles an exception takes the endpoint off the request.
        Endpoint? endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        string route = _template(context) ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? NoRoute;
        string correlationId = _correlationId(context);
        _metrics.RequestDone(method, route, status, error, duration);
        // Load balancers ask every few seconds; only a bad answer is news.
        bool isProbe = status == StatusCodes.Status200OK && route is (HealthAnswer.LivePath or HealthAnswer.ReadyPath);
        _log.Request(isProbe ? LogLevel.Debug : LogLevel.Information, method, route, status, error ?? "-",
            Math.Round(duration.TotalMilliseconds, 1), correlationId);
        if (span is not null)
        {
            span.DisplayName = $"{method} {route}";
            span.SetTag("http.request.method", method).SetTag("http.route", route).SetTag("http.response.status_code", status)
                .SetTag("watchword.correlation_id", correlationId);
            if (error is not null)
            {
                span.SetTag("error.type", error);
            }

            if (status >= StatusCodes.Status500InternalServerError)
            {
                span.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    /// <summary>A method is any token that a client likes.</summary>
    private static string MethodOf(string method) => method switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "PATCH" or "OPTIONS" or "CONNECT" or "TRACE" => method,
        _ => "_OTHER",
    };
}
