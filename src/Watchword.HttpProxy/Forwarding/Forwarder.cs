using Microsoft.AspNetCore.Http.Features;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Observability;
using Yarp.ReverseProxy.Forwarder;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// Sends a request on and its answer back. Another destination is tried only where no connection was made, so that nothing is
/// carried out twice.
/// </summary>
internal sealed class Forwarder(
    IHttpForwarder forwarder, ProxySettings settings, ProxyMetrics metrics, TimeProvider time, ILogger<Forwarder> log)
{
    private readonly ForwarderRequestConfig _config = new()
    {
        ActivityTimeout = settings.Limits.AnswerTime,
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        AllowResponseBuffering = false,
    };

    public async Task ForwardAsync(HttpContext context)
    {
        RequestRoute route = context.Features.GetRequiredFeature<RequestRoute>();
        Lane lane = route.Lane!;
        // Nothing behind the proxy changes protocols (RFC 2817 is not to be used: TS 33.210 §6.2).
        context.Features.Set<IHttpUpgradeFeature>(null);
        ForwardedHeaders.Prepare(context.Request.Headers);
        ProxyError error = ProxyError.DestinationUnreachable;
        foreach (Destination destination in lane.Order(time.GetUtcNow()))
        {
            error = await TryAsync(context, route, lane, destination);
            if (error == ProxyError.None)
            {
                return;
            }

            metrics.DestinationFailed(lane.Name, error);
            log.DestinationFailed(destination.Number, lane.Name, error, context.TraceIdentifier);
            destination.Rest(time.GetUtcNow() + settings.Limits.RestTime);
            if (error is not (ProxyError.DestinationUnreachable or ProxyError.DestinationNotTrusted))
            {
                break;
            }
        }

        throw new ProxyException(error);
    }

    private async Task<ProxyError> TryAsync(HttpContext context, RequestRoute route, Lane lane, Destination destination)
    {
        ForwarderError outcome = await forwarder.SendAsync(
            context, destination.Base, lane.Connections, _config, new OctetTransformer(route.Target.PathAndQuery),
            context.RequestAborted);
        if (outcome == ForwarderError.None)
        {
            if (destination.Answered())
            {
                log.DestinationAnswers(destination.Number, lane.Name);
            }

            return ProxyError.None;
        }

        context.RequestAborted.ThrowIfCancellationRequested();
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            return Explain(outcome, context.Features.Get<IForwarderErrorFeature>()?.Exception);
        }

        // The client has a part of the answer: the forwarder has reset its connection, or does it now.
        log.AnswerBroken(lane.Name, outcome.ToString(), context.TraceIdentifier);
        context.Abort();
        return ProxyError.None;
    }

    private static ProxyError Explain(ForwarderError outcome, Exception? fault)
    {
        for (Exception? inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is ProxyException known)
            {
                return known.Error;
            }
        }

        return outcome switch
        {
            ForwarderError.RequestTimedOut => ProxyError.DestinationTimeout,
            _ => fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }
                ? ProxyError.DestinationUnreachable
                : ProxyError.DestinationBroken,
        };
    }

    /// <summary>Sends the target as it came.</summary>
    private sealed class OctetTransformer(string pathAndQuery) : HttpTransformer
    {
        private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = new Uri(destinationPrefix + pathAndQuery, AsItIs);
        }
    }
}
