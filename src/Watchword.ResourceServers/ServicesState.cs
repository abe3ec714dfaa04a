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
}
