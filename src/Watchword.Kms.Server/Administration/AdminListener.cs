using Microsoft.AspNetCore.Routing.Matching;

namespace Watchword.Kms.Server.Administration;

/// <summary>Marks the connections of the admin listener. The admin API exists on no other, and nothing else on this one.</summary>
internal sealed class AdminListener
{
    private AdminListener()
    {
    }

    public static AdminListener Mark { get; } = new();

    /// <summary>True if the request came in on the admin listener.</summary>
    public static bool Has(HttpContext context) => context.Features.Get<AdminListener>() is not null;
}

/// <summary>In the metadata of everything that is served on the admin listener.</summary>
internal sealed class AdminEndpoint
{
    public static AdminEndpoint Instance { get; } = new();
}

/// <summary>On the admin listener only endpoints of the admin API are chosen, on every other only the rest.</summary>
internal sealed class AdminEndpointSelector : MatcherPolicy, IEndpointSelectorPolicy
{
    // Before anything that could find an endpoint of the other listener good.
    public override int Order => -100;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsAdmin);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        bool wanted = AdminListener.Has(httpContext);
        for (int i = 0; i < candidates.Count; i++)
        {
            if (IsAdmin(candidates[i].Endpoint) != wanted)
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsAdmin(Endpoint endpoint) => endpoint.Metadata.GetMetadata<AdminEndpoint>() is not null;
}
