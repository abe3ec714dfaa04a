using Watchword.HttpProxy.Observability;

namespace Watchword.HttpProxy.Http;

/// <summary>The boundary that turns every fault into a problem. Nothing of an unexpected fault reaches the client.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, ILogger<FaultMiddleware> log)
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
            ProxyError error = Classify(fault);
            if (error == ProxyError.InternalError)
            {
                log.Failed(context.TraceIdentifier, fault);
            }

            context.Response.Clear();
            await ProxyProblems.WriteAsync(context, error);
        }
    }

    private static ProxyError Classify(Exception fault) => fault switch
    {
        ProxyException refusal => refusal.Error,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ProxyError.BodyTooLarge,
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => ProxyError.BodyTooSlow,
        BadHttpRequestException => ProxyError.RequestMalformed,
        _ => ProxyError.InternalError,
    };
}
