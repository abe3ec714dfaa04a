using System.Diagnostics.CodeAnalysis;

namespace Watchword.Sip;

/// <summary>Runs the handler of a request and sends what it gives. A handler that throws is a 500.</summary>
internal sealed class SipHandlerRunner(SipStackOptions options, SipMetrics metrics)
{
    public async Task RunAsync(SipServerRequest request, SipRequestHandler handler, SipServerTransaction transaction,
        CancellationToken stopping)
    {
        long started = options.TimeProvider.GetTimestamp();
        (SipResponse response, byte[] octets) = Complete(request, await CallAsync(request, handler, transaction, stopping));
        metrics.Response(request.Request, response.StatusCode, options.TimeProvider.GetElapsedTime(started));
        await transaction.RespondAsync(octets);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types",
        Justification = "A boundary: every fault of a handler is an answer.")]
    private async Task<SipResponse> CallAsync(
        SipServerRequest request, SipRequestHandler handler, SipServerTransaction transaction, CancellationToken stopping)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(transaction.Abandoned, stopping);
        try
        {
            return await handler(request, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            SipResponse later = request.CreateResponse(503);
            later.Headers.Add(SipHeaderNames.RetryAfter, "5");
            return later;
        }
        catch (SipFormatException)
        {
            // Something that only the handler reads, such as a body.
            return request.CreateResponse(400);
        }
        catch (Exception e)
        {
            metrics.HandlerFault(request.Request);
            options.Logger.HandlerFault(request.Request.Method, e.GetType().Name);
            return request.CreateResponse(500);
        }
    }

    /// <summary>Gives To its tag (RFC 3261 §8.2.6.2). Only a final response can be sent, and only one that fits.</summary>
    private (SipResponse Response, byte[] Octets) Complete(SipServerRequest request, SipResponse? response)
    {
        if (response is { IsFinal: true } && response.Headers.Contains(SipHeaderNames.Via) && TryWrite(response) is byte[] octets
            && octets.Length <= options.Limits.MaxMessage)
        {
            return (response, octets);
        }

        options.Logger.BadResponse(request.Request.Method);
        SipResponse fault = request.CreateResponse(500);
        return (fault, Tagged(fault).ToArray());
    }

    /// <summary>Null if the handler has written a To that is none.</summary>
    private static byte[]? TryWrite(SipResponse response)
    {
        try
        {
            return Tagged(response).ToArray();
        }
        catch (SipFormatException)
        {
            return null;
        }
    }

    private static SipResponse Tagged(SipResponse response)
    {
        if (response.Headers.To is { Tag: null } to)
        {
            response.Headers.Set(SipHeaderNames.To, to.WithTag(SipTokens.Tag()).ToString());
        }

        return response;
    }
}
