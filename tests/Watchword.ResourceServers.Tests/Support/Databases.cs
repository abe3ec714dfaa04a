using Watchword.Kms.EntityFrameworkCore.Tests.Support;

namespace Watchword.ResourceServers.Tests.Support;

/// <summary>The two databases, for suites that run on both.</summary>
public abstract class OnDatabase
{
    private protected OnDatabase(PostgreSqlCluster? cluster) => Cluster = cluster;

    private protected PostgreSqlCluster? Cluster { get; }

    private protected async Task<ServicesHost> StartAsync(params (string Key, string? Value)[] changes) =>
        await ServicesHost.StartAsync(
        Cluster is null ? null : await Cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken), changes);
}
