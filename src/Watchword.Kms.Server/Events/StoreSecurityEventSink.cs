using Watchword.Authorization;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Events;

/// <summary>Called after a requester was disabled or removed, so that what was prepared for him can be erased; again if it
/// throws, with the next delivery of the event.</summary>
/// <param name="issuer">Who vouched for him.</param>
/// <param name="subject">The requester.</param>
/// <param name="cancellationToken">Gives up.</param>
internal delegate Task RequesterBarred(string issuer, string subject, CancellationToken cancellationToken);

/// <summary>
/// Keeps what the issuers' security events tell in the store of the KMS, where every node reads it in the transaction that
/// issues. An event is acknowledged once it is on the disk with its audit records.
/// </summary>
internal sealed class StoreSecurityEventSink(
    KmsState state, IEnumerable<RequesterBarred> barred, TimeProvider time, ILogger<StoreSecurityEventSink> log)
    : ISecurityEventSink
{
    public async Task<SecurityEventOutcome> AcceptAsync(SecurityEvent securityEvent, CancellationToken cancellationToken)
    {
        SecurityEventOutcome outcome = default;
        await state.Store.AdvanceStreamAsync(
            securityEvent.Issuer,
            before =>
            {
                (StreamOutcome what, EventStreamState? after) =
                    EventStreamState.Advance(ToState(before), securityEvent, time.GetUtcNow());
                outcome = new SecurityEventOutcome(what, after);
                return what == StreamOutcome.Applied ? Step(securityEvent, after!) : null;
            },
            cancellationToken);
        if (securityEvent.Changes.Count == 0)
        {
            return outcome;
        }

        if (outcome.Outcome == StreamOutcome.Applied)
        {
            log.StandingChanged(securityEvent.Jti, securityEvent.Issuer, securityEvent.Changes.Count);
        }

        // Also for one that is known: it comes again because it was not acknowledged, and it was not because what follows failed.
        if (outcome.Outcome is StreamOutcome.Applied or StreamOutcome.Known)
        {
            await TellAsync(securityEvent);
        }

        return outcome;
    }

    public async ValueTask<EventStreamState?> GetStreamStateAsync(string issuer, CancellationToken cancellationToken) =>
        ToState(await state.Store.FindStreamAsync(issuer, cancellationToken));

    public async ValueTask<SubjectStanding> GetStandingAsync(
        string issuer, string subject, CancellationToken cancellationToken) =>
        await state.Store.FindSubjectAsync(issuer, subject, cancellationToken) is { } known
            ? new SubjectStanding(ToSubjectState(known.State), known.TokensEndedAt)
            : default;

    private async Task TellAsync(SecurityEvent securityEvent)
    {
        foreach (SubjectChange change in securityEvent.Changes.Where(
            change => change.State is SubjectState.Disabled or SubjectState.Removed))
        {
            foreach (RequesterBarred erase in barred)
            {
                // The event is stored: who asks is refused, whatever becomes of what was prepared for him. If this throws, the
                // event is not acknowledged, and comes again until it is.
                await erase(securityEvent.Issuer, change.Subject, CancellationToken.None);
            }
        }
    }

    private static StreamStep Step(SecurityEvent securityEvent, EventStreamState after) => new(
        new IssuerEvents(
            after.Issuer, after.Epoch, after.Sequence, after.LastJti, after.SnapshotComplete, after.CompleteAt),
        [.. securityEvent.Changes.Select(
            change => new SubjectUpdate(change.Subject, ToRequesterState(change.State), change.TokensEndedAt))],
        securityEvent.EndsSnapshot,
        [.. securityEvent.Changes.Select(change => Entry(securityEvent, change))]);

    private static AuditEntry Entry(SecurityEvent securityEvent, SubjectChange change) => new()
    {
        Kind = AuditKind.Subject,
        KmsUri = string.Empty,
        Generation = 0,
        CorrelationId = securityEvent.Jti,
        Issuer = securityEvent.Issuer,
        Subject = change.Subject,
        Detail = securityEvent.Type,
    };

    private static EventStreamState? ToState(IssuerEvents? known) => known is null
        ? null
        : new EventStreamState(
            known.Issuer, known.Epoch, known.Sequence, known.LastId, known.SnapshotComplete, known.CompleteAt);

    private static SubjectState ToSubjectState(RequesterState known) => known switch
    {
        RequesterState.Enabled => SubjectState.Enabled,
        RequesterState.Disabled => SubjectState.Disabled,
        RequesterState.Removed => SubjectState.Removed,
        _ => throw new ArgumentOutOfRangeException(nameof(known)),
    };

    private static RequesterState? ToRequesterState(SubjectState? told) => told switch
    {
        null => null,
        SubjectState.Enabled => RequesterState.Enabled,
        SubjectState.Disabled => RequesterState.Disabled,
        SubjectState.Removed => RequesterState.Removed,
        _ => throw new ArgumentOutOfRangeException(nameof(told)),
    };
}
