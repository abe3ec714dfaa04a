using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Watchword.Authorization.Configuration;
using Watchword.Authorization.Events;
using Watchword.Authorization.Http;
using Watchword.Identity;

namespace Watchword.Authorization;

/// <summary>Registration in a host, the endpoint policy, and access to the principal.</summary>
public static class WatchwordAuthorizationExtensions
{
    /// <summary>
    /// Adds the authentication scheme (as the default one), the scope policies and the validation of
    /// <paramref name="section"/> at start. The host calls <c>UseAuthentication</c> and <c>UseAuthorization</c>, and may
    /// register a <see cref="TimeProvider"/> and an <see cref="IAuthorizationFailureWriter"/> of its own.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">The section <c>Authorization</c>, see <see cref="ResourceServerOptions"/>.</param>
    public static IServiceCollection AddWatchwordAuthorization(this IServiceCollection services, IConfiguration section)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAuthorizationFailureWriter, ProblemFailureWriter>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ResourceServerOptions>, ResourceServerOptionsValidator>());
        services.AddOptions<ResourceServerOptions>()
            // A misspelt key would otherwise silently leave a rule at its default.
            .Bind(section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddSingleton<AuthorizationMetrics>();
        services.AddSingleton<TrustedIssuers>();
        services.TryAddSingleton<ISecurityEventSink, MemorySecurityEventSink>();
        services.AddSingleton<IssuerFreshness>();
        services.AddSingleton<SecurityEventReceiver>();
        services.AddSingleton(provider => new AccessTokenValidator(
            provider.GetRequiredService<TrustedIssuers>(),
            provider.GetRequiredService<IssuerFreshness>(),
            provider.GetRequiredService<IOptions<ResourceServerOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<AuthorizationMetrics>()));
        services.AddSingleton<IAuthorizationHandler, McScopeHandler>();
        services.AddAuthentication(AccessTokenDefaults.AuthenticationScheme)
            .AddScheme<AccessTokenSchemeOptions, AccessTokenHandler>(AccessTokenDefaults.AuthenticationScheme, null);
        services.AddAuthorization();
        return services;
    }

    /// <summary>
    /// Adds one more scheme for another interface of this server: the same issuers, an audience of its own. To be called after
    /// <see cref="AddWatchwordAuthorization"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="scheme">Name of the scheme.</param>
    /// <param name="audience">Name of the interface in <c>aud</c>.</param>
    public static IServiceCollection AddAccessTokenScheme(this IServiceCollection services, string scheme, string audience)
    {
        services.AddAuthentication().AddScheme<AccessTokenSchemeOptions, AccessTokenHandler>(
            scheme, options => options.Audience = audience);
        return services;
    }

    /// <summary>
    /// Lets only tokens through that open <paramref name="resource"/> for at least one service whose MC service ID they hold,
    /// or that are a network entity's with any scope of that resource.
    /// </summary>
    public static TBuilder RequireMcScope<TBuilder>(this TBuilder endpoints, McResource resource)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(new AuthorizationPolicyBuilder(AccessTokenDefaults.AuthenticationScheme)
            .RequireAuthenticatedUser()
            .AddRequirements(new McScopeRequirement(resource))
            .Build());

    /// <summary>
    /// Takes security events of the trusted issuers at <paramref name="path"/> (RFC 8935), into the <see cref="ISecurityEventSink"/>.
    /// The endpoint is open: what comes is known by its signature. A host may add what it wants of the connection.
    /// </summary>
    public static IEndpointConventionBuilder MapSecurityEvents(this IEndpointRouteBuilder endpoints, string path) =>
        endpoints.MapPost(path, (RequestDelegate)SecurityEventEndpoint.HandleAsync).AllowAnonymous();

    /// <summary>The validated token of the request; null if it had none.</summary>
    public static AccessTokenPrincipal? GetAccessToken(this HttpContext context) => AccessTokenPrincipal.From(context.User);
}
