using Microsoft.EntityFrameworkCore;
using Watchword.Identity;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement.Sip;

/// <summary>
/// Keys go with the notifications of subscriptions to the group document (TS 33.180 7.3; TS 23.280 10.2.3): a change of keys alone
/// makes one due too.
/// </summary>
internal sealed class NotifyGroupKeyCarrier(ServicesTransactions transactions, XcapChangeSignal signal, TimeProvider time)
    : IGroupKeyCarrier
{
    /// <summary>The subscriptions of these people to a group.</summary>
    public static IQueryable<SubscriptionRow> Of(
        DbContext context, string groupUri, IReadOnlyCollection<string> members, DateTimeOffset now)
    {
        DocumentKey key = GroupRealm.KeyOf(groupUri);
        string realm = nameof(McResource.GroupManagement);
        return context.Set<SubscriptionRow>().Where(
            row => row.Realm == realm && members.Contains(row.Owner) && row.EndReason == null && row.ExpiresAt > now
                && row.Resources.Any(resource => resource.Auid == key.Auid && resource.Xui == key.Xui && resource.Name == key.Name));
    }

    /// <inheritdoc/>
    public async Task TellAsync(GroupKeyChange change, CancellationToken cancellationToken)
    {
        int owed = await transactions.RunAsync(
            (context, cancel) => Of(context, change.GroupUri, [.. change.ToTell], time.GetUtcNow())
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.IsOwed, true), cancel),
            cancellationToken);
        if (owed > 0)
        {
            signal.Set();
        }
    }
}
