using Microsoft.EntityFrameworkCore;
using Watchword.Authorization;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>
/// Whose token an MC service ID came with, and who is disabled: he leaves the keys of all his groups before the event is acknowledged
/// (TS 33.180 5.7), and comes back with his next good token.
/// </summary>
internal sealed class GroupUsers(ServicesTransactions transactions, XcapChangeSignal signal) : ISubjectObserver
{
    /// <summary>Notes that these identities came with a good token.</summary>
    public async Task NoteAsync(
        string issuer, string subject, IReadOnlyCollection<string> identities, CancellationToken cancellationToken)
    {
        List<GroupUserRow> known = await transactions.ReadAsync(
            (context, cancel) => context.Set<GroupUserRow>().AsNoTracking()
                .Where(row => identities.Contains(row.MemberUri)).ToListAsync(cancel),
            cancellationToken);
        if (known.Count == identities.Count
            && known.TrueForAll(row => !row.IsBarred && row.Issuer == issuer && row.Subject == subject))
        {
            return;
        }

        await transactions.RunAsync(
            async (context, cancel) =>
            {
                foreach (string identity in identities)
                {
                    await NoteAsync(context, issuer, subject, identity, cancel);
                }

                return 0;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task SubjectsChangedAsync(
        string issuer, IReadOnlyList<(string Subject, SubjectStanding Standing)> subjects, CancellationToken cancellationToken)
    {
        string[] barred =
        [
            .. subjects.Where(subject => subject.Standing.State != SubjectState.Enabled).Select(subject => subject.Subject),
        ];
        if (barred.Length == 0)
        {
            return;
        }

        await transactions.RunAsync(
            async (context, cancel) =>
            {
                List<GroupUserRow> users = await context.Set<GroupUserRow>()
                    .Where(row => row.Issuer == issuer && barred.Contains(row.Subject) && !row.IsBarred).ToListAsync(cancel);
                users.ForEach(user => user.IsBarred = true);
                await GroupIndex.MarkDueAsync(context, [.. users.Select(user => user.MemberUri)], cancel);
                return users.Count;
            },
            cancellationToken);
        signal.Set();
    }

    private static async Task NoteAsync(
        DbContext context, string issuer, string subject, string identity, CancellationToken cancellationToken)
    {
        GroupUserRow? row = await context.Set<GroupUserRow>().FindAsync([identity], cancellationToken);
        if (row is null)
        {
            context.Add(new GroupUserRow { MemberUri = identity, Issuer = issuer, Subject = subject });
            return;
        }

        if (row.IsBarred)
        {
            row.IsBarred = false;
            await GroupIndex.MarkDueAsync(context, [identity], cancellationToken);
        }

        (row.Issuer, row.Subject) = (issuer, subject);
    }
}
