using Watchword.Hosting;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>What was decided of a request, for the steps behind and the line in the log.</summary>
/// <param name="Target">Its target.</param>
/// <param name="Lane">Where it goes; null for the proxy's own health.</param>
internal sealed record RequestRoute(RequestTarget Target, Lane? Lane)
{
    /// <summary>The name of its route: of the operator's making, nothing of it is the client's.</summary>
    public static string? NameOf(HttpContext context) => context.Features.Get<RequestRoute>() is not { } route ? null
        : route.Lane?.Name ?? route.Target.Path;

    /// <summary>True for a request for the proxy's own health.</summary>
    public static bool IsHealth(HttpContext context) => context.Features.Get<RequestRoute>() is { Lane: null };

    /// <summary>True for the two paths of health, without query.</summary>
    public static bool IsHealth(RequestTarget target) => target.PathAndQuery is HealthAnswer.LivePath or HealthAnswer.ReadyPath;
}
