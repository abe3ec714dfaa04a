using Microsoft.AspNetCore.Authorization;
using Watchword.Identity;

namespace Watchword.Authorization.Http;

/// <summary>A token that opens <paramref name="resource"/> for at least one service (TS 33.180 B.10, B.11.2).</summary>
internal sealed class McScopeRequirement(McResource resource) : IAuthorizationRequirement
{
    public McResource Resource { get; } = resource;
}

/// <summary>Judges the requirement from the validated token alone.</summary>
internal sealed class McScopeHandler : AuthorizationHandler<McScopeRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, McScopeRequirement requirement)
    {
        if (AccessTokenPrincipal.From(context.User)?.CheckScope(requirement.Resource) == AuthorizationFault.None)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
