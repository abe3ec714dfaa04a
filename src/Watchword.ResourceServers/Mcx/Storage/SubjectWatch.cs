using Watchword.Authorization;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Storage;

/// <summary>
/// Drops the bindings of a subject that its IdM server disabled or removed, or whose tokens it ended, before the event is
/// acknowledged: no later message finds them. Tokens themselves are judged by the standing that the same event changes.
/// </summary>
internal sealed class SubjectWatch(ServicesTransactions transactions, McxInstruments instruments, ILogger<SubjectWatch> log)
{
    /// <summary>Does it. May be called again for the same event.</summary>
    public async Task FollowAsync(SecurityEvent securityEvent, CancellationToken cancellationToken)
    {
        foreach (SubjectChange change in securityEvent.Changes)
        {
            bool isBarred = change.State is SubjectState.Disabled or SubjectState.Removed;
            if (!isBarred && change.TokensEndedAt is null)
            {
                continue;
            }

            int gone = await transactions.RunAsync(
                (context, ct) => McxBindings.RemoveOfSubjectAsync(
                    context, securityEvent.Issuer, change.Subject, isBarred ? null : change.TokensEndedAt, ct),
                cancellationToken);
            if (gone > 0)
            {
                instruments.Dropped(gone);
                log.BindingsDropped(gone);
            }
        }
    }
}
