using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers;

/// <summary>What hosts in the same process may ask of the services' state.</summary>
public static class ServicesState
{
    /// <summary>How many clients are authorised at the MCX server now, of all users and services.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<int> CountServiceAuthorizationsAsync(
        this IServiceProvider services, CancellationToken cancellationToken)
    {
        await using ServicesDbContext context = services.GetRequiredService<ServicesDatabase>().CreateContext();
        return await McxBindings.CountAsync(
            context, services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken);
    }

    /// <summary>The clients that are affiliated to a group now (TS 24.379 9), for what sends to it.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="service">The service.</param>
    /// <param name="groupId">The MC service group ID.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>MC service ID and MC client ID of each, in their order.</returns>
    public static async Task<IReadOnlyList<(string ServiceId, string ClientId)>> FindAffiliatedClientsAsync(
        this IServiceProvider services, McServiceKind service, string groupId, CancellationToken cancellationToken)
    {
        await using ServicesDbContext context = services.GetRequiredService<ServicesDatabase>().CreateContext();
        return [.. (await GroupAffiliations.OfGroupAsync(
            context, service, groupId, services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken))
            .Select(row => (row.ServiceId, row.ClientId))];
    }
}
