using Microsoft.EntityFrameworkCore;
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

    /// <summary>What the services hold now, read from their database.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<ServicesReport> DescribeServicesAsync(
        this IServiceProvider services, CancellationToken cancellationToken)
    {
        await using ServicesDbContext context = services.GetRequiredService<ServicesDatabase>().CreateContext();
        DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var clients = await context.Set<BindingRow>().Where(row => row.ExpiresAt > now).GroupBy(row => row.Service)
            .Select(group => new { Service = group.Key, Count = group.Count() }).ToListAsync(cancellationToken);
        var documents = await context.Set<XcapDocumentRow>().GroupBy(row => row.Auid)
            .Select(group => new { Auid = group.Key, Count = group.Count() }).ToListAsync(cancellationToken);
        return new ServicesReport
        {
            AuthorizedClients = clients.ToDictionary(row => McServiceNames.Of(row.Service).Name, row => row.Count, StringComparer.Ordinal),
            Subscriptions = await context.Set<SubscriptionRow>().CountAsync(row => row.ExpiresAt > now, cancellationToken),
            Documents = documents.ToDictionary(row => row.Auid, row => row.Count, StringComparer.Ordinal),
            Groups = await DescribeGroupsAsync(context, cancellationToken),
        };
    }

    private static async Task<IReadOnlyList<GroupReport>> DescribeGroupsAsync(
        ServicesDbContext context, CancellationToken cancellationToken)
    {
        List<GroupRow> groups = await context.Set<GroupRow>().AsNoTracking().Where(row => !row.IsDeleted).ToListAsync(cancellationToken);
        ILookup<string, string> members = (await context.Set<GroupMemberRow>().AsNoTracking().ToListAsync(cancellationToken))
            .ToLookup(row => row.GroupUri, row => row.MemberUri, StringComparer.Ordinal);
        ILookup<string, GroupKeyRow> keys = (await context.Set<GroupKeyRow>().AsNoTracking().Include(row => row.Holders)
            .ToListAsync(cancellationToken)).ToLookup(row => row.GroupUri, StringComparer.Ordinal);
        return
        [
            .. groups.OrderBy(row => row.GroupUri, StringComparer.Ordinal).Select(row =>
            {
                GroupKeyRow? current = keys[row.GroupUri].FirstOrDefault(key => key.Stage == GroupKeyStage.Current);
                return new GroupReport(
                    row.GroupUri,
                    [.. members[row.GroupUri].Order(StringComparer.Ordinal)],
                    keys[row.GroupUri].Count(),
                    (uint?)current?.KeyId,
                    [.. (current?.Holders ?? []).Select(holder => holder.MemberUri).Order(StringComparer.Ordinal)]);
            }),
        ];
    }
}
