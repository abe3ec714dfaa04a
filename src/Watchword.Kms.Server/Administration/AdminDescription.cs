using Microsoft.OpenApi;
using Watchword.Identity;
using Watchword.KeyManagement.Administration;

namespace Watchword.Kms.Server.Administration;

/// <summary>The OpenAPI description of the admin API; a copy stands in <c>docs/openapi/kms-admin.json</c>.</summary>
internal static class AdminDescription
{
    private const string SecurityScheme = "accessToken";

    public static void AddAdminDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.ShouldInclude = endpoint => endpoint.ActionDescriptor.EndpointMetadata.OfType<AdminRoles>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Watchword KMS admin API",
                Version = "1",
                Description = "Administration of a key management server (TS 33.180). Errors are problem details (RFC 9457); "
                    + "their member code is a number of docs/errors/kms.md. The query " + KmsAdminPaths.DryRunParameter
                    + "=true has an act checked and measured without changing anything.",
            };

            // The address is the operator's: a description that names the one it was fetched under would not be the same twice.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [SecurityScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    BearerFormat = "JWT",
                    Description = "Access token with the audience of the admin API and the scope of one role: "
                        + string.Join(", ", KmsRoleScopes.All) + ".",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            AdminRoles roles = context.Description.ActionDescriptor.EndpointMetadata.OfType<AdminRoles>().Last();
            operation.Security =
            [
                .. roles.Scopes.Select(scope => new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [scope],
                }),
            ];
            return Task.CompletedTask;
        });
    });
}
