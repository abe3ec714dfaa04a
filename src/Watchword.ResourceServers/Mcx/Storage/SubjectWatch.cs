using Watchword.Authorization;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Storage;

/// <summary>
/// Drops the bindings of a subject that its IdM server disabled or removed, or whose tokens it ended, before the event is
/// acknowledged: no later message finds them. Tokens themselves are judged by the standing that the same event changes.
/// </summary>
internal sealed class SubjectWatch(
    ServicesTransactions transactions, TimeProvider time, McxInstruments instruments, ILogger<SubjectWatch> log)
    : ISubjectObserver
{
    /// <inheritdoc/>
    public async Task SubjectsChangedAsync(
        string issuer, IReadOnlyList<(string Subject, SubjectStanding Standing)> subjects, CancellationToken cancellationToken)
    {
        int gone = await transactions.RunAsync(
            async (context, ct) =>
            {
                int count = 0;
                foreach ((string subject, SubjectStanding standing) in subjects)
                {
                    DateTimeOffset? until = standing.State == SubjectState.Enabled ? standing.TokensEndedAt : null;
                    await McxBindings.EndTokensAsync(context, issuer, subject, until ?? time.GetUtcNow(), ct);
                    count += await McxBindings.RemoveOfSubjectAsync(context, issuer, subject, until, time.GetUtcNow(), ct);
                }

                return count;
            },
            cancellationToken);
        if (gone > 0)
        {
            instruments.Dropped(gone);
            log.BindingsDropped(gone);
        }
    }
}
