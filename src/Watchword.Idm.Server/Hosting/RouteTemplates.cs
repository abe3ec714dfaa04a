using System.Collections.Frozen;
using Watchword.Idm.Server.Protocol;

namespace Watchword.Idm.Server.Hosting;

/// <summary>The paths that OpenIddict answers without an endpoint of ours. They have no parameters.</summary>
internal static class RouteTemplates
{
    private static readonly FrozenDictionary<string, string> Fixed = new[]
    {
        AuthorizationEndpoint.Path, AuthorizationEndpoint.LogInPath, TokenEndpoint.Path, OpenIddictSetup.RevocationPath,
        "/.well-known/openid-configuration", "/.well-known/jwks",
    }.ToFrozenDictionary(path => path, StringComparer.OrdinalIgnoreCase);

    /// <summary>The template of a request; null where its endpoint tells it. What is given back stands in the list
    /// above.</summary>
    public static string? Of(HttpContext context) => Fixed.GetValueOrDefault(context.Request.Path.Value ?? string.Empty);
}
