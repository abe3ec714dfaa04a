namespace Watchword.ResourceServers.Observability;

/// <summary>
/// What a request is called in log and metrics: the template of its endpoint, never its path, which holds identities.
/// </summary>
internal static class RouteNames
{
    public static string? Of(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
}
