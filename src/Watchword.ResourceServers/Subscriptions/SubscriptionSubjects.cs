using Microsoft.EntityFrameworkCore;
using Watchword.Authorization;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.Subscriptions;

/// <summary>Ends the subscriptions of subjects that may do nothing any more, or whose tokens have ended.</summary>
internal sealed class SubscriptionSubjects(ServicesTransactions transactions, XcapChangeSignal signal) : ISubjectObserver
{
    private const string Rejected = "rejected";

    /// <inheritdoc/>
    public async Task SubjectsChangedAsync(
        string issuer, IReadOnlyList<(string Subject, SubjectStanding Standing)> subjects, CancellationToken cancellationToken)
    {
        string[] names = [.. subjects.Select(subject => subject.Subject)];
        int ended = await transactions.RunAsync(
            (context, cancellation) => context.Set<SubscriptionRow>()
                .Where(row => row.Issuer == issuer && names.Contains(row.Subject) && row.EndReason == null)
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.EndReason, Rejected), cancellation),
            cancellationToken);
        if (ended > 0)
        {
            signal.Set();
        }
    }
}
