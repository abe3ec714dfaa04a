using Microsoft.EntityFrameworkCore;
using Watchword.Client;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>What happened to the key of a group.</summary>
/// <param name="GroupUri">The MC group ID.</param>
/// <param name="Act">What was done.</param>
/// <param name="ToTell">Who has something to fetch or to be sent: a key, or the news that one is revoked.</param>
internal sealed record GroupKeyChange(string GroupUri, GroupKeyAct Act, IReadOnlySet<string> ToTell);

/// <summary>
/// Brings the keys of groups in line with their documents, and gives members their messages. The octets are in the key store, who may
/// have them in the database; the key store is written first, so that a crash in between leaves a key that nobody was given, which
/// the next pass forgets, and never a key that somebody has and nobody knows of.
/// </summary>
/// <remarks>One at a time in a process, and one process for a key store, which is locked.</remarks>
internal sealed class GroupKeyKeeper(GroupKeyMaker maker, GroupKeyLife life, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Does what the group's wish asks for, and revokes what has served its time. Saves the changes.</summary>
    /// <param name="context">The database, of this call alone.</param>
    /// <param name="wish">What the group wants now.</param>
    /// <param name="cancellationToken">Stops it between the steps.</param>
    /// <exception cref="WatchwordClientException">The server has no key set of its own, or its key store cannot be written.</exception>
    public async Task<GroupKeyChange> ReconcileAsync(DbContext context, GroupKeyWish wish, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            List<GroupKeyRow> rows = await context.Set<GroupKeyRow>().Include(row => row.Holders)
                .Where(row => row.GroupUri == wish.GroupUri).ToListAsync(cancellationToken);
            _ = maker.ForgetOthers(wish.GroupUri, rows.Select(row => (uint)row.KeyId).ToHashSet());
            List<GroupKeyRow> live = [.. rows.Where(row => IsLive(row, now))];
            GroupKeyRow? current = live.Find(row => row.Stage == GroupKeyStage.Current);
            GroupKeyPlan plan = GroupKeyPlan.For(wish, StateOf(current), now, life.MaximumAge);
            HashSet<string> toTell = new(plan.Receivers, StringComparer.Ordinal);
            Carry(context, wish, plan, current, now);
            foreach (GroupKeyRow row in live.Where(row => MustEnd(row, plan, wish, now)))
            {
                toTell.UnionWith(End(context, row, now));
            }

            await context.SaveChangesAsync(cancellationToken);
            return new GroupKeyChange(wish.GroupUri, plan.Act, toTell);
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <summary>
    /// The messages for one person about one group, made now: first the key to send under, if he may have it, then what is revoked of
    /// what he had. Saves that they were given out.
    /// </summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> TakeMessagesAsync(
        DbContext context, string groupUri, string memberUri, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            List<ReadOnlyMemory<byte>> messages = [];
            GroupKeyHolderRow? holder = await context.Set<GroupKeyRow>()
                .Where(row => row.GroupUri == groupUri && row.Stage == GroupKeyStage.Current)
                .SelectMany(row => row.Holders).FirstOrDefaultAsync(row => row.MemberUri == memberUri, cancellationToken);
            if (holder is not null && maker.Find(groupUri, (uint)holder.KeyId) is { } key)
            {
                messages.AddRange(maker.Repeat(key, [memberUri]).Select(message => message.Octets));
                holder.DeliveredAt = now;
            }

            List<GroupKeyRevocationRow> revocations = await context.Set<GroupKeyRevocationRow>()
                .Where(row => row.GroupUri == groupUri && row.MemberUri == memberUri).OrderBy(row => row.KeyId)
                .ToListAsync(cancellationToken);
            foreach (GroupKeyRevocationRow revocation in revocations.Where(row => row.MadeAt + life.RevocationRetention > now))
            {
                messages.Add(revocation.Message);
                revocation.DeliveredAt ??= now;
            }

            await context.SaveChangesAsync(cancellationToken);
            return messages;
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static GroupKeyState? StateOf(GroupKeyRow? row) => row is null
        ? null
        : new GroupKeyState(
            (uint)row.KeyId, row.MadeAt, row.Holders.Select(holder => holder.MemberUri).ToHashSet(StringComparer.Ordinal));

    /// <summary>A key that the key store has lost is ended: it can neither be handed out nor revoked any more.</summary>
    private bool IsLive(GroupKeyRow row, DateTimeOffset now)
    {
        if (row.Stage == GroupKeyStage.Ended)
        {
            return false;
        }

        if (maker.Find(row.GroupUri, (uint)row.KeyId) is null)
        {
            (row.Stage, row.EndedAt) = (GroupKeyStage.Ended, now);
            return false;
        }

        return true;
    }

    private void Carry(DbContext context, GroupKeyWish wish, GroupKeyPlan plan, GroupKeyRow? current, DateTimeOffset now)
    {
        switch (plan.Act)
        {
            case GroupKeyAct.Make or GroupKeyAct.Renew or GroupKeyAct.Replace:
                if (current is not null)
                {
                    (current.Stage, current.RetiresAt) = (GroupKeyStage.Retiring, now + life.Overlap);
                }

                ServiceKeyInfo made = maker.Make(wish.GroupUri, plan.Receivers);
                GroupKeyRow row = new() { GroupUri = wish.GroupUri, KeyId = made.KeyId, MadeAt = now };
                row.Holders.AddRange(plan.Receivers.Select(member => HolderOf(row, member)));
                _ = context.Add(row);
                break;
            case GroupKeyAct.HandOut:
                current!.Holders.AddRange(plan.Receivers.Select(member => HolderOf(current, member)));
                break;
            default:
                break;
        }
    }

    private static GroupKeyHolderRow HolderOf(GroupKeyRow row, string member) =>
        new() { GroupUri = row.GroupUri, KeyId = row.KeyId, MemberUri = member };

    /// <summary>Whoever may not hear the group any more must not hear it under an older key either.</summary>
    private static bool MustEnd(GroupKeyRow row, GroupKeyPlan plan, GroupKeyWish wish, DateTimeOffset now) =>
        plan.Act == GroupKeyAct.Revoke
        || row.Holders.Exists(holder => !wish.Members.Contains(holder.MemberUri))
        || (row.Stage == GroupKeyStage.Retiring && row.RetiresAt <= now);

    private IEnumerable<string> End(DbContext context, GroupKeyRow row, DateTimeOffset now)
    {
        ServiceKeyInfo key = maker.Find(row.GroupUri, (uint)row.KeyId)!;
        // One who left too: when he comes back, he must not hear others under what he still has.
        string[] holders = [.. row.Holders.Select(holder => holder.MemberUri)];
        IReadOnlyList<ServiceKeyMessage> messages = maker.Revoke(key, holders);
        context.AddRange(messages.Select(message => new GroupKeyRevocationRow
        {
            GroupUri = row.GroupUri,
            KeyId = row.KeyId,
            MemberUri = message.ReceiverUri,
            Message = message.Octets.ToArray(),
            MadeAt = now,
        }));
        (row.Stage, row.RetiresAt, row.EndedAt) = (GroupKeyStage.Ended, null, now);
        return messages.Select(message => message.ReceiverUri);
    }
}
