using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Watchword.Hosting;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Hosting;

namespace Watchword.Idm.Server.Administration;

/// <summary>Writes faults as RFC 9457 problems.</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    public static Task WriteAsync(
        HttpContext context, IdmFault fault, string? detail = null, IReadOnlyList<ImportRowError>? errors = null)
    {
        ProblemBody body = new()
        {
            Type = $"urn:watchword:problem:{fault.Code}",
            Title = fault.Title,
            Status = fault.Status,
            Detail = detail,
            Code = fault.Code,
            CorrelationId = CorrelationId.Of(context),
            Errors = errors,
        };
        RequestRecord.Of(context)?.Error = fault.Code;
        context.Response.StatusCode = fault.Status;
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(
            JsonSerializer.Serialize(body, AdministrationJson.Default.ProblemBody), context.RequestAborted);
    }

    /// <summary>Turns exceptions, and answers with a bare status, into problems.</summary>
    public static void Use(IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = OfExceptionAsync, SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(status =>
            WriteAsync(status.HttpContext, IdmFault.ForStatus(status.HttpContext.Response.StatusCode)));
    }

    private static Task OfExceptionAsync(HttpContext context)
    {
        switch (context.Features.Get<IExceptionHandlerFeature>()?.Error)
        {
            case IdmFaultException refusal:
                Log.AdministrationRefused(Logger(context), refusal.Fault.Code);
                return WriteAsync(context, refusal.Fault, refusal.Detail, refusal.Rows);
            case BadHttpRequestException request:
                return WriteAsync(context, request.StatusCode == 400 ? IdmFault.BodyInvalid : IdmFault.ForStatus(request.StatusCode));
            case { } fault:
                Log.RequestFailed(Logger(context), fault);
                return WriteAsync(context, IdmFault.ServerFailed);
            default:
                return WriteAsync(context, IdmFault.ServerFailed);
        }
    }

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Watchword.Idm.Server.Problems");
}
