using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Http;

/// <summary>The boundary that turns every fault into a KmsError answer. Nothing of an unexpected fault reaches the
/// client.</summary>
internal sealed class FaultMiddleware(
    RequestDelegate next, KmsAnswers answers, DeniedRequests denied, ILogger<FaultMiddleware> log)
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
            KmsError error = Classify(fault);
            if (KmsErrorMapping.StatusOf(error) >= StatusCodes.Status500InternalServerError)
            {
                log.Failed(error, context.TraceIdentifier, fault);
            }

            if (fault is KmsException refusal)
            {
                await denied.RecordAsync(context, refusal);
            }

            await answers.WriteErrorAsync(context, error, (fault as KmsException)?.Detail);
        }
    }

    private static KmsError Classify(Exception fault) => fault switch
    {
        // Found in the transaction that issues, it is what the token's check says of the same: it passes, and is tried again.
        KmsException { Error: KmsError.IssuerSilent } => KmsError.StandingUnknown,

        // Start-up errors cannot meet a request; if one did, it would be ours and not the client's.
        KmsException { Error: < KmsError.NoDomain } refusal => refusal.Error,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => KmsError.BodyTooLarge,
        BadHttpRequestException => KmsError.MalformedHttp,
        _ => KmsError.InternalError,
    };
}
