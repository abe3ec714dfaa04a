using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Watchword.Authorization.Http;

/// <summary>Problem JSON (RFC 9457) with the members <c>code</c> and <c>correlationId</c>.</summary>
internal sealed class ProblemFailureWriter : IAuthorizationFailureWriter
{
    public async Task WriteAsync(HttpContext context, AuthorizationFailure failure)
    {
        context.Response.ContentType = "application/problem+json";
        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", ReasonPhrases.GetReasonPhrase(failure.Status));
            json.WriteNumber("status", failure.Status);
            json.WriteString("detail", failure.Reason);
            json.WriteNumber("code", failure.Code);
            json.WriteString("correlationId", failure.CorrelationId);
            json.WriteEndObject();
        }

        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
        }
    }
}
