using Watchword.Identity;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Administration;

/// <summary>The routes of the admin API. Thin: the engine's classes hold the rules, <see cref="AdminGuard"/> the roles.</summary>
internal static class AdminApi
{
    public const string DomainPath = KmsAdminPaths.Domains + "/{kmsUri}";

    public static AdminRoles Officer { get; } = new(KmsRoleScopes.CryptoOfficer);

    public static AdminRoles UserAdministrator { get; } = new(KmsRoleScopes.UserAdministrator);

    public static AdminRoles Auditor { get; } = new(KmsRoleScopes.Auditor);

    public static AdminRoles OfficerOrAuditor { get; } = new(KmsRoleScopes.CryptoOfficer, KmsRoleScopes.Auditor);

    public static AdminRoles UserAdministratorOrAuditor { get; } = new(KmsRoleScopes.UserAdministrator, KmsRoleScopes.Auditor);

    public static AdminRoles Anybody { get; } =
        new(KmsRoleScopes.CryptoOfficer, KmsRoleScopes.UserAdministrator, KmsRoleScopes.Auditor);

    public static void Map(WebApplication application)
    {
        RouteGroupBuilder routes = application.MapGroup(string.Empty);
        routes.WithMetadata(AdminEndpoint.Instance)
            .RequireAuthorization(policy => policy
                .AddAuthenticationSchemes(AdminRegistration.Scheme)
                .RequireAuthenticatedUser())
            .RequireRateLimiting(AdminRateLimit.PolicyName)
            .AddEndpointFilterFactory(RefuseUnknownQuery);
        DomainRoutes.Map(routes);
        PreparationRoutes.Map(routes);
        ClientRoutes.Map(routes);
        PartnerRoutes.Map(routes);
        SubjectRoutes.Map(routes);
        AuditRoutes.Map(routes);
        CustodyRoutes.Map(routes);
        application.MapOpenApi(KmsAdminPaths.Description).WithMetadata(AdminEndpoint.Instance).AllowAnonymous();
        application.MapFallback("{**path}", (RequestDelegate)(_ => throw new KmsException(KmsError.UnknownAdminResource)))
            .WithMetadata(AdminEndpoint.Instance);
    }

    /// <summary>Says for the description and the guard what an endpoint is and who may call it.</summary>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint, string name, string summary, AdminRoles roles, params int[] refusals)
    {
        endpoint.WithMetadata(roles).WithName(name).WithSummary(summary)
            .WithDescription($"Roles: {string.Join(", ", roles.Scopes)}.");
        foreach (int status in (int[])[400, 401, 403, .. refusals, 429, 503])
        {
            endpoint.Produces<KmsProblem>(status, AdminProblems.MediaType);
        }

        return endpoint;
    }

    /// <summary>A query parameter that an endpoint does not know is refused and not ignored: where there is no dry run, whoever asks
    /// for one must not find that it was done.</summary>
    private static EndpointFilterDelegate RefuseUnknownQuery(EndpointFilterFactoryContext endpoint, EndpointFilterDelegate next)
    {
        HashSet<string> known = new(
            endpoint.MethodInfo.GetParameters().Select(parameter => parameter.Name!), StringComparer.OrdinalIgnoreCase);
        return invocation => invocation.HttpContext.Request.Query.Keys.All(known.Contains)
            ? next(invocation)
            : throw new KmsException(KmsError.MalformedHttp, "the resource does not know a parameter of the query");
    }

    /// <summary>Writes that an act was done into the log; the audit log has it already.</summary>
    public static void Log(HttpContext context, string act) =>
        context.RequestServices.GetRequiredService<ILogger<AdminServices>>()
            .AdminActed(act, AdminCaller.Of(context).Authority.Role, context.TraceIdentifier);
}
