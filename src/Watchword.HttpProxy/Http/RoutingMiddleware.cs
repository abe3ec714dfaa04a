using Microsoft.AspNetCore.Http.Features;
using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Forwarding;

namespace Watchword.HttpProxy.Http;

/// <summary>Decides where a request goes, from method, target and host alone.</summary>
internal sealed class RoutingMiddleware(RequestDelegate next, ForwardingTable table)
{
    private static readonly HashSet<string> Methods = new(StringComparer.Ordinal)
    {
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS",
    };

    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!Methods.Contains(request.Method))
        {
            context.Response.Headers.Allow = string.Join(", ", Methods);
            throw new ProxyException(ProxyError.MethodRefused);
        }

        string raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!RequestTarget.TryParse(raw, out RequestTarget? target)
            || !Authority.TryRead(request.Host.Value, out string? authority)
            || (target.Authority is not null && target.Authority != authority))
        {
            throw new ProxyException(ProxyError.TargetMalformed);
        }

        bool isHealth = RequestRoute.IsHealth(target) && !table.IsPartner(authority);
        Lane? lane = isHealth ? null : table.Find(authority, target, AssertedIdentityListener.Has(context));
        context.Features.Set(new RequestRoute(target, lane));
        return next(context);
    }
}
