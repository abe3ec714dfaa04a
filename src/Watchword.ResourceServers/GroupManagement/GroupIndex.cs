using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Groups;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>What is kept of groups beside their documents, in the transaction that changes those.</summary>
internal static class GroupIndex
{
    /// <summary>A document is stored.</summary>
    /// <param name="context">The database.</param>
    /// <param name="group">What is stored.</param>
    /// <param name="place">With a new one that is made in a directory, directory and name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task StoreAsync(
        DbContext context, GroupDocument group, (string Xui, string Name)? place, CancellationToken cancellationToken)
    {
        GroupRow? row = await context.Set<GroupRow>().FindAsync([group.Uri], cancellationToken);
        if (row is null)
        {
            row = new GroupRow { GroupUri = group.Uri };
            context.Add(row);
        }

        if (place is { } made)
        {
            (row.Xui, row.Name) = made;
        }

        IReadOnlySet<string> wanted = GroupMembers.ToKey(group);
        List<GroupMemberRow> members = await MembersAsync(context, group.Uri, cancellationToken);
        HashSet<string> present = [.. members.Select(member => member.MemberUri)];
        // A group that is gone holds nobody, so one of its name begins with a change.
        if (row.IsDeleted || row.Version == 0 || !wanted.SetEquals(present))
        {
            MarkDue(row);
        }

        row.IsDeleted = false;
        row.NeedsKey = wanted.Count > 0;
        context.RemoveRange(members.Where(member => !wanted.Contains(member.MemberUri)));
        context.AddRange(wanted.Where(member => !present.Contains(member)).Select(
            member => new GroupMemberRow { GroupUri = group.Uri, MemberUri = member }));
    }

    /// <summary>A document is deleted: its keys are to be revoked, and then nothing is left.</summary>
    public static async Task DeleteAsync(DbContext context, string groupUri, CancellationToken cancellationToken)
    {
        if (await context.Set<GroupRow>().FindAsync([groupUri], cancellationToken) is not { } row)
        {
            return;
        }

        (row.Xui, row.Name, row.IsDeleted, row.NeedsKey) = (null, null, true, false);
        MarkDue(row);
        context.RemoveRange(await MembersAsync(context, groupUri, cancellationToken));
    }

    /// <summary>What a group wants of its key: its members, less those who are disabled.</summary>
    public static async Task<GroupKeyWish> WishAsync(DbContext context, GroupRow row, CancellationToken cancellationToken)
    {
        List<string> members = await context.Set<GroupMemberRow>()
            .Where(member => member.GroupUri == row.GroupUri
                && !context.Set<GroupUserRow>().Any(user => user.MemberUri == member.MemberUri && user.IsBarred))
            .Select(member => member.MemberUri).ToListAsync(cancellationToken);
        return new GroupKeyWish(row.GroupUri, row.NeedsKey, members.ToHashSet(StringComparer.Ordinal))
        {
            RenewalAsked = row.RenewalAsked,
        };
    }

    /// <summary>Everybody for whom a message about keys of the group may be made: its members, and who holds a key of it.</summary>
    public static async Task<IReadOnlyCollection<string>> PeopleAsync(
        DbContext context, string groupUri, CancellationToken cancellationToken)
    {
        List<string> members = await context.Set<GroupMemberRow>().Where(row => row.GroupUri == groupUri)
            .Select(row => row.MemberUri).ToListAsync(cancellationToken);
        List<string> holders = await context.Set<GroupKeyRow>()
            .Where(row => row.GroupUri == groupUri && row.Stage != GroupKeyStage.Ended)
            .SelectMany(row => row.Holders).Select(holder => holder.MemberUri).ToListAsync(cancellationToken);
        return members.ToHashSet(StringComparer.Ordinal).Union(holders, StringComparer.Ordinal).ToList();
    }

    /// <summary>The keys of a group are to be brought in line.</summary>
    public static void MarkDue(GroupRow row)
    {
        row.KeysDue = true;
        row.Version++;
    }

    /// <summary>The keys of all groups of these people are to be brought in line.</summary>
    public static async Task MarkDueAsync(DbContext context, IReadOnlyCollection<string> members, CancellationToken cancellationToken)
    {
        List<GroupRow> rows = await context.Set<GroupRow>()
            .Where(row => context.Set<GroupMemberRow>().Any(
                member => member.GroupUri == row.GroupUri && members.Contains(member.MemberUri)))
            .ToListAsync(cancellationToken);
        rows.ForEach(MarkDue);
    }

    private static Task<List<GroupMemberRow>> MembersAsync(DbContext context, string groupUri, CancellationToken cancellationToken) =>
        context.Set<GroupMemberRow>().Where(member => member.GroupUri == groupUri).ToListAsync(cancellationToken);
}
