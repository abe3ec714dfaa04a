using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Watchword.ResourceServers.Observability;

namespace Watchword.ResourceServers.Http;

/// <summary>The boundary that turns every fault into a problem. Nothing of an unexpected fault reaches the client.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, ServicesProblems problems, ILogger<FaultMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            log.ClientLeft(context.TraceIdentifier);
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            ServicesError error = Classify(fault);
            if (error is ServicesError.InternalError or ServicesError.StoreUnavailable)
            {
                log.Failed(context.TraceIdentifier, fault);
            }

            await problems.WriteAsync(context, error);
        }
    }

    private static ServicesError Classify(Exception fault) => fault switch
    {
        ServicesException refusal => refusal.Error,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ServicesError.BodyTooLarge,
        BadHttpRequestException => ServicesError.RequestMalformed,
        DbException or DbUpdateException { InnerException: DbException } => ServicesError.StoreUnavailable,
        _ => ServicesError.InternalError,
    };
}
