using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Watchword.Authorization.Events;
using Watchword.Identity;

namespace Watchword.Authorization.Http;

/// <summary>Push delivery of security events (RFC 8935 §2): 202 once it is stored, or 400 with an error of §2.4.</summary>
internal static class SecurityEventEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        string? token = await ReadAsync(context.Request);
        SecurityEventReceipt receipt = token is null
            ? new SecurityEventReceipt(AuthorizationFault.EventDeliveryMalformed)
            : await context.RequestServices.GetRequiredService<SecurityEventReceiver>()
                .ReceiveAsync(token, context.RequestAborted);
        if (receipt.Position is not null)
        {
            context.Response.Headers[SecurityEventNames.PositionHeader] = receipt.Position;
        }

        context.Response.Headers.CacheControl = "no-store";
        if (receipt.Fault == AuthorizationFault.None)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        await RefuseAsync(context, receipt);
    }

    /// <summary>The error codes of RFC 8935 §2.4.</summary>
    internal static string ErrorOf(AuthorizationFault fault) => fault switch
    {
        AuthorizationFault.IssuerMissing or AuthorizationFault.IssuerNotTrusted => "invalid_issuer",
        AuthorizationFault.AudienceMissing or AuthorizationFault.AudienceMalformed or AuthorizationFault.AudienceNotThisServer =>
            "invalid_audience",
        AuthorizationFault.AlgorithmNotAllowed or AuthorizationFault.KeyIdMissing or AuthorizationFault.KeyUnknown
            or AuthorizationFault.KeyDoesNotFit or AuthorizationFault.KeysNotAvailable => "invalid_key",
        AuthorizationFault.SignatureInvalid => "authentication_failed",
        AuthorizationFault.EventsNotExpected => "access_denied",
        _ => "invalid_request",
    };

    private static async Task<string?> ReadAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals(SecurityEventNames.ContentType, StringComparison.OrdinalIgnoreCase)
            || request.ContentLength > AccessTokenDefaults.MaxTokenLength)
        {
            return null;
        }

        byte[] buffer = new byte[AccessTokenDefaults.MaxTokenLength + 1];
        int length = 0;
        int read;
        while (length < buffer.Length
            && (read = await request.Body.ReadAsync(buffer.AsMemory(length), request.HttpContext.RequestAborted)) > 0)
        {
            length += read;
        }

        return length <= AccessTokenDefaults.MaxTokenLength ? Encoding.Latin1.GetString(buffer, 0, length) : null;
    }

    private static async Task RefuseAsync(HttpContext context, SecurityEventReceipt receipt)
    {
        string reason = AuthorizationFaults.ReasonOf(receipt.Fault);
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(AccessTokenDefaults.MeterName)
            .EventRefused(reason, context.TraceIdentifier);
        bool mayPass = receipt.RetryAfter is not null;
        context.Response.StatusCode = mayPass ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest;
        if (receipt.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter =
                Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        context.Response.ContentType = "application/json";
        context.Response.Headers.ContentLanguage = "en";
        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("err", ErrorOf(receipt.Fault));
            json.WriteString("description", string.Create(CultureInfo.InvariantCulture, $"{(int)receipt.Fault}: {reason}"));
            json.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
