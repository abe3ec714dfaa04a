namespace Watchword.Authorization;

/// <summary>What a sink did with an event.</summary>
/// <param name="Outcome">What <see cref="EventStreamState.Advance"/> said.</param>
/// <param name="Stream">The state of the stream as it is stored after that; null if there is none.</param>
public readonly record struct SecurityEventOutcome(StreamOutcome Outcome, EventStreamState? Stream);

/// <summary>
/// Keeps what the issuers' security events tell, for all nodes of this server. <see cref="MemorySecurityEventSink"/> is used
/// unless the host registers one of its own before <c>AddWatchwordAuthorization</c>.
/// <para>
/// A sink must, in one transaction that no other acceptance for the same issuer overlaps (row lock, or serializable and retried):
/// read the stream of <c>securityEvent.Issuer</c>; call <see cref="EventStreamState.Advance"/>; if the outcome is
/// <see cref="StreamOutcome.Applied"/>, store the state it gives, apply each of <see cref="SecurityEvent.Changes"/> with
/// <see cref="SubjectChange.ApplyTo"/> to the standing of (issuer, subject), where no row means enabled, mark the rows so touched
/// by a page of a snapshot with its <see cref="SecurityEvent.Epoch"/>, and, at <see cref="SecurityEvent.EndsSnapshot"/>, remove
/// or enable the issuer's rows of earlier epochs; commit. It returns only after the commit is durable: the event is acknowledged
/// then, and the issuer does not keep it for ever. With any other outcome nothing is stored. It throws if it cannot store; the
/// issuer tries again.
/// </para>
/// <para>
/// Until the last page, subjects that the earlier pages do not have keep their standing. A row whose standing is enabled may go
/// once no token of <see cref="SubjectStanding.TokensEndedAt"/> or before can be valid any more.
/// </para>
/// </summary>
public interface ISecurityEventSink
{
    /// <summary>Puts an event in order and, if it is the next one, stores what it says.</summary>
    Task<SecurityEventOutcome> AcceptAsync(SecurityEvent securityEvent, CancellationToken cancellationToken);

    /// <summary>
    /// How far the events of an issuer are known; null if nothing is. Asked for every token; an answer may be a second old.
    /// </summary>
    ValueTask<EventStreamState?> GetStreamStateAsync(string issuer, CancellationToken cancellationToken);

    /// <summary>The standing of a subject; enabled if nothing is known. Asked for every token: what was committed must
    /// show.</summary>
    ValueTask<SubjectStanding> GetStandingAsync(string issuer, string subject, CancellationToken cancellationToken);
}
