using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>Where user profiles come from: the configuration management server of this process, or another over HTTP.</summary>
internal interface IUserProfileSource
{
    /// <summary>The profile that a client uses (TS 24.379 7.3.3; TS 24.484 8.3.2.1).</summary>
    /// <param name="service">The service.</param>
    /// <param name="serviceId">The MC service ID.</param>
    /// <param name="index">The index that the client selected; null for the pre-selected profile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null if the user has no such profile, or it may not be used.</returns>
    /// <exception cref="Client.WatchwordClientException">The server that has it does not say.</exception>
    Task<UserProfile?> FindAsync(
        McServiceNames service, string serviceId, int? index, CancellationToken cancellationToken);
}
