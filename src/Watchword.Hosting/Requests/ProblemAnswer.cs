using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Watchword.Hosting;

/// <summary>
/// An error as problem details (RFC 9457), with members for clause, number and correlation id, and in the line of the log. Nothing of it
/// comes from the request.
/// </summary>
/// <param name="Kind">Which server's error it is: the middle of the type's URN.</param>
/// <param name="Number">The stable number; its first three digits are the HTTP status.</param>
/// <param name="Cause">What is wrong.</param>
/// <param name="Clause">Where it is written.</param>
/// <param name="NextStep">What to do.</param>
public sealed record ProblemAnswer(string Kind, int Number, string Cause, string Clause, string NextStep)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";

    private const int NumbersOfStatus = 100;

    /// <summary>Notes the error of a request for its line in the log.</summary>
    /// <param name="context">The request.</param>
    /// <param name="number">The number.</param>
    public static void Note(HttpContext context, int number) =>
        RequestRecord.Of(context)?.Error = number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Answers with it; the answer to HEAD has no body.</summary>
    /// <param name="context">The request, whose answer has not begun.</param>
    public async Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Note(context, Number);
        HttpResponse response = context.Response;
        response.StatusCode = Number / NumbersOfStatus;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        using MemoryStream body = new();
        using (Utf8JsonWriter writer = new(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", string.Create(CultureInfo.InvariantCulture, $"urn:watchword:{Kind}:error:{Number}"));
            writer.WriteString("title", Cause);
            writer.WriteNumber("status", response.StatusCode);
            writer.WriteString("detail", NextStep);
            writer.WriteString("clause", Clause);
            writer.WriteNumber("code", Number);
            writer.WriteString("correlationId", context.TraceIdentifier);
            writer.WriteEndObject();
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
