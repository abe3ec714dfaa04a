using Microsoft.EntityFrameworkCore;
using Watchword.Client;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.GroupManagement.Observability;
using Watchword.ResourceServers.Keys;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>
/// The keys of all groups of this server (TS 33.180 5.7; docs/flows/group-keys.md): brings them in line with the groups, and gives
/// members what is theirs.
/// </summary>
/// <remarks>
/// One thing at a time: what a group wants is read and carried out without another in between. A wish that changes meanwhile leaves the
/// group due, and nobody is given anything of a group that is.
/// </remarks>
internal sealed class GroupKeys(
    EntityKeys identity, GroupManagementSettings settings, ServicesTransactions transactions, TimeProvider time,
    IEnumerable<IGroupKeyCarrier> carriers, GroupInstruments instruments, ILogger<GroupKeys> log) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly IGroupKeyCarrier[] _carriers = [.. carriers];
    private GroupKeyKeeper? _keeper;

    /// <summary>Whether the server has keys of its own, without which it gives out none.</summary>
    public bool IsKeyed => identity.Exchange is not null;

    /// <summary>Brings the keys of every group in line that is due, by a change or by time.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!IsKeyed)
        {
            return 0;
        }

        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<string> due = await transactions.ReadAsync(
            (context, cancel) => DueAsync(context, now, cancel), cancellationToken);
        foreach (string group in due)
        {
            try
            {
                await BringInLineAsync(group, cancellationToken);
            }
            catch (WatchwordClientException fault)
            {
                // The others do not wait for this one, which stays due.
                log.GroupKeyFailed(fault.Fault, fault.Number);
                instruments.Failed();
            }
        }

        return due.Count;
    }

    /// <summary>Brings the keys of one group in line.</summary>
    /// <exception cref="WatchwordClientException">The server's keys do not do; the group stays due.</exception>
    public async Task BringInLineAsync(string groupUri, CancellationToken cancellationToken)
    {
        await LearnDomainsAsync(groupUri, cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Keeper() is { } keeper)
            {
                await BringInLineAsync(keeper, groupUri, cancellationToken);
            }
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <summary>What somebody is to be given of the keys of a group, now.</summary>
    /// <returns>MIKEY messages, the one with the key to send under first; null if the server has no keys of its own.</returns>
    /// <exception cref="WatchwordClientException">The server's keys do not do.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>?> TakeAsync(
        string groupUri, string memberUri, CancellationToken cancellationToken)
    {
        if (await IsDueAsync(groupUri, cancellationToken))
        {
            await LearnDomainsAsync(groupUri, cancellationToken);
        }

        await identity.LearnDomainsAsync([memberUri], cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Keeper() is not { } keeper)
            {
                return null;
            }

            if (await IsDueAsync(groupUri, cancellationToken))
            {
                await BringInLineAsync(keeper, groupUri, cancellationToken);
            }

            return await transactions.ReadAsync(
                (context, cancel) => keeper.TakeMessagesAsync(context, groupUri, memberUri, cancel), cancellationToken);
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <summary>Asks for another key, and gives the group it.</summary>
    public async Task RenewAsync(string groupUri, CancellationToken cancellationToken)
    {
        await transactions.RunAsync(
            async (context, cancel) =>
            {
                if (await context.Set<GroupRow>().FindAsync([groupUri], cancel) is { } row)
                {
                    row.RenewalAsked = true;
                    GroupIndex.MarkDue(row);
                }

                return 0;
            },
            cancellationToken);
        await BringInLineAsync(groupUri, cancellationToken);
    }

    /// <summary>Forgets what is told no more.</summary>
    public Task<int> ForgetAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset limit = time.GetUtcNow() - settings.Life.RevocationRetention;
        return transactions.RunAsync(
            async (context, cancel) =>
                await context.Set<GroupKeyRevocationRow>().Where(row => row.MadeAt < limit).ExecuteDeleteAsync(cancel)
                + await context.Set<GroupKeyRow>()
                    .Where(row => row.Stage == GroupKeyStage.Ended && row.EndedAt < limit).ExecuteDeleteAsync(cancel),
            cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keeper?.Dispose();
        _gate.Dispose();
    }

    private async Task<IReadOnlyList<string>> DueAsync(DbContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset oldest = settings.Life.MaximumAge is { } age ? now - age : DateTimeOffset.UnixEpoch;
        List<string> changed = await context.Set<GroupRow>().Where(row => row.KeysDue)
            .Select(row => row.GroupUri).ToListAsync(cancellationToken);
        List<string> timed = await context.Set<GroupKeyRow>()
            .Where(row => (row.Stage == GroupKeyStage.Retiring && row.RetiresAt <= now)
                || (row.Stage == GroupKeyStage.Current && row.MadeAt <= oldest))
            .Select(row => row.GroupUri).ToListAsync(cancellationToken);
        return [.. changed.Union(timed, StringComparer.Ordinal)];
    }

    private GroupKeyKeeper? Keeper()
    {
        if (identity is not { Exchange: { } exchange, Store: { } store })
        {
            return null;
        }

        // Store and exchange are the same from when they are opened.
        return _keeper ??= new GroupKeyKeeper(new GroupKeyMaker(store, exchange), settings.Life, time);
    }

    /// <summary>Asks the KMS who keys the people of a group. Not within the gate: the other groups do not wait for the KMS.</summary>
    private async Task LearnDomainsAsync(string groupUri, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<string> people = await transactions.ReadAsync(
            (context, cancel) => GroupIndex.PeopleAsync(context, groupUri, cancel), cancellationToken);
        await identity.LearnDomainsAsync(people, cancellationToken);
    }

    private Task<bool> IsDueAsync(string groupUri, CancellationToken cancellationToken) => transactions.ReadAsync(
        (context, cancel) => context.Set<GroupRow>().AnyAsync(row => row.GroupUri == groupUri && row.KeysDue, cancel), cancellationToken);

    private async Task BringInLineAsync(GroupKeyKeeper keeper, string groupUri, CancellationToken cancellationToken)
    {
        GroupRow? row = null;
        GroupKeyChange change = await transactions.ReadAsync(
            async (context, cancel) =>
            {
                row = await context.Set<GroupRow>().AsNoTracking().SingleOrDefaultAsync(group => group.GroupUri == groupUri, cancel);
                GroupKeyWish wish = row is null
                    ? new GroupKeyWish(groupUri, NeedsKey: false, new HashSet<string>())
                    : await GroupIndex.WishAsync(context, row, cancel);
                return await keeper.ReconcileAsync(context, wish, cancel);
            },
            cancellationToken);
        if (row is not null)
        {
            await SettleAsync(row, cancellationToken);
        }

        if (change.Act == GroupKeyAct.None && change.ToTell.Count == 0)
        {
            return;
        }

        log.GroupKeyChanged(change.Act, change.ToTell.Count);
        instruments.Changed(change.Act);
        foreach (IGroupKeyCarrier carrier in _carriers)
        {
            await carrier.TellAsync(change, cancellationToken);
        }
    }

    /// <summary>The group is in line, unless it has changed since its wish was read.</summary>
    private Task<int> SettleAsync(GroupRow row, CancellationToken cancellationToken) => transactions.RunAsync(
        async (context, cancel) =>
        {
            IQueryable<GroupRow> same = context.Set<GroupRow>()
                .Where(group => group.GroupUri == row.GroupUri && group.Version == row.Version);
            return row.IsDeleted
                ? await same.ExecuteDeleteAsync(cancel)
                : await same.ExecuteUpdateAsync(
                    update => update.SetProperty(group => group.KeysDue, false).SetProperty(group => group.RenewalAsked, false), cancel);
        },
        cancellationToken);
}
