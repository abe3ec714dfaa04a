using System.Globalization;
using System.Text.Json;
using Watchword.Hosting;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Administration;

/// <summary>Writes errors as problem details (RFC 9457) with the number of the KmsError.</summary>
internal static class AdminProblems
{
    public const string MediaType = "application/problem+json";

    private static readonly JsonSerializerOptions Json = AdminJson.Options;

    /// <summary>Most errors carry their status in their number. Those of start and custody do not.</summary>
    public static int StatusOf(KmsError error) => error switch
    {
        KmsError.NoDomain => StatusCodes.Status404NotFound,
        >= KmsError.ShareMalformed and <= KmsError.SharesDoNotCombine => StatusCodes.Status400BadRequest,
        KmsError.NoRecoveryKey or KmsError.RewrapIncomplete or KmsError.CustodyChanged => StatusCodes.Status409Conflict,
        >= KmsError.NoDomain => StatusCodes.Status500InternalServerError,
        _ => KmsErrorMapping.StatusOf(error),
    };

    public static async Task WriteAsync(HttpContext context, KmsError error, string? detail = null)
    {
        context.RequestServices.GetRequiredService<KmsMetrics>().Refused((int)error);
        RequestRecord.Of(context)?.Error = ((int)error).ToString(CultureInfo.InvariantCulture);
        KmsErrorText text = KmsErrorText.Of(error);
        KmsProblem problem = new()
        {
            Type = $"urn:watchword:kms:error:{(int)error}",
            Title = text.Cause,
            Status = context.Response.StatusCode is >= 400 and < 600 ? context.Response.StatusCode : StatusOf(error),
            Detail = detail is null ? text.NextStep + "." : $"{detail}. {text.NextStep}.",
            Code = (int)error,
            CorrelationId = context.TraceIdentifier,
        };
        context.Response.StatusCode = problem.Status.Value;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(problem, Json, MediaType, context.RequestAborted);
    }
}

/// <summary>The boundary of the admin API: every fault becomes a problem. Nothing of an unexpected fault reaches the caller.</summary>
internal sealed class AdminFaults(RequestDelegate next, DeniedRequests denied, ILogger<AdminFaults> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!AdminListener.Has(context))
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (Exception fault) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            (KmsError error, string? detail) = Explain(fault);
            log.AdminRefused(error, context.TraceIdentifier);
            if (AdminProblems.StatusOf(error) >= StatusCodes.Status500InternalServerError)
            {
                log.Failed(error, context.TraceIdentifier, fault);
            }

            if (fault is KmsException refusal)
            {
                await denied.RecordAsync(context, refusal);
            }

            await AdminProblems.WriteAsync(context, error, detail);
        }
    }

    private static (KmsError Error, string? Detail) Explain(Exception fault) => fault switch
    {
        KmsException refusal => (refusal.Error, refusal.Detail),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (KmsError.BodyTooLarge, null),

        // The path names members of ours; the text of the exception could quote the body.
        BadHttpRequestException { InnerException: JsonException json } => (KmsError.MalformedHttp, $"body, at {json.Path ?? "$"}"),
        BadHttpRequestException => (KmsError.MalformedHttp, null),
        _ => (KmsError.InternalError, null),
    };
}
