using System.Globalization;
using System.Text.Json;
using Watchword.Hosting;
using Watchword.HttpProxy.Observability;

namespace Watchword.HttpProxy.Http;

/// <summary>Writes errors as problem details (RFC 9457), with members for clause, number and correlation id.</summary>
internal static class ProxyProblems
{
    public const string MediaType = "application/problem+json";

    private const string RetrySeconds = "5";

    public static async Task WriteAsync(HttpContext context, ProxyError error)
    {
        context.RequestServices.GetRequiredService<ProxyMetrics>().Refused(error);
        RequestRecord.Of(context)?.Error = ((int)error).ToString(CultureInfo.InvariantCulture);
        string correlationId = context.TraceIdentifier;
        ProxyErrorText text = ProxyErrorText.Of(error);
        int status = ProxyErrorText.StatusOf(error);
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers[CorrelationMiddleware.HeaderName] = correlationId;
        if (error is ProxyError.TooBusy or ProxyError.TooManyRequests)
        {
            response.Headers.RetryAfter = RetrySeconds;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        using MemoryStream body = new();
        using (Utf8JsonWriter writer = new(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", string.Create(CultureInfo.InvariantCulture, $"urn:watchword:proxy:error:{(int)error}"));
            writer.WriteString("title", text.Cause);
            writer.WriteNumber("status", status);
            writer.WriteString("detail", text.NextStep);
            writer.WriteString("clause", text.Clause);
            writer.WriteNumber("code", (int)error);
            writer.WriteString("correlationId", correlationId);
            writer.WriteEndObject();
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
