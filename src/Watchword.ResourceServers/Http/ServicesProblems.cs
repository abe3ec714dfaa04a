using System.Globalization;
using System.Text.Json;
using Watchword.Hosting;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Observability;

namespace Watchword.ResourceServers.Http;

/// <summary>Writes errors as problem details (RFC 9457), with members for clause, number and correlation id.</summary>
internal sealed class ServicesProblems(ServicesMetrics metrics)
{
    public const string MediaType = "application/problem+json";

    private const string RetrySeconds = "5";

    /// <summary>A conflict in the words of XCAP (RFC 4825 §11); the number stands in its phrase.</summary>
    public async Task WriteAsync(HttpContext context, ServicesError error, XcapError conflict)
    {
        Count(context, error);
        byte[] body = (conflict with { Phrase = $"{conflict.Phrase} [{context.TraceIdentifier}]" }).Write();
        context.Response.StatusCode = ServicesErrorText.StatusOf(error);
        context.Response.ContentType = XcapError.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public async Task WriteAsync(HttpContext context, ServicesError error)
    {
        Count(context, error);
        ServicesErrorText text = ServicesErrorText.Of(error);
        HttpResponse response = context.Response;
        response.StatusCode = ServicesErrorText.StatusOf(error);
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (error is ServicesError.StoreUnavailable or ServicesError.KeysUnavailable)
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
            writer.WriteString("type", string.Create(CultureInfo.InvariantCulture, $"urn:watchword:services:error:{(int)error}"));
            writer.WriteString("title", text.Cause);
            writer.WriteNumber("status", response.StatusCode);
            writer.WriteString("detail", text.NextStep);
            writer.WriteString("clause", text.Clause);
            writer.WriteNumber("code", (int)error);
            writer.WriteString("correlationId", context.TraceIdentifier);
            writer.WriteEndObject();
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }

    private void Count(HttpContext context, ServicesError error)
    {
        metrics.Refused(error);
        RequestRecord.Of(context)?.Error = ((int)error).ToString(CultureInfo.InvariantCulture);
    }
}
