using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>What a requester may do, by the events of his issuer. The numbers are those of the store and never change.</summary>
public enum RequesterState
{
    /// <summary>What his tokens say.</summary>
    Enabled = 0,

    /// <summary>Nothing, until he is enabled again.</summary>
    Disabled = 1,

    /// <summary>Nothing, for good.</summary>
    Removed = 2,
}

/// <summary>The standing of a requester. Who is not in the store is enabled.</summary>
/// <param name="Issuer">Who vouches for him.</param>
/// <param name="Subject">His name with that issuer.</param>
/// <param name="State">What he may do.</param>
/// <param name="TokensEndedAt">Tokens issued in this second or before are void; null if none are.</param>
/// <param name="Epoch">The run of event numbers in which this was last said.</param>
/// <param name="ChangedAt">When it came here.</param>
public sealed record SubjectRecord(
    string Issuer, string Subject, RequesterState State, DateTimeOffset? TokensEndedAt, long Epoch, DateTimeOffset ChangedAt)
{
    /// <summary>True if nothing may be issued under a token issued at <paramref name="tokenIssuedAt"/>.</summary>
    public bool IsBarred(DateTimeOffset? tokenIssuedAt) => State != RequesterState.Enabled
        || (TokensEndedAt is { } ended && !(tokenIssuedAt?.ToUnixTimeSeconds() > ended.ToUnixTimeSeconds()));
}

/// <summary>How far the events of an issuer are known here.</summary>
/// <param name="Issuer">The issuer.</param>
/// <param name="Epoch">The run of event numbers.</param>
/// <param name="Sequence">All events up to this one are applied.</param>
/// <param name="LastId">The id of that event.</param>
/// <param name="SnapshotComplete">False while a run begins, between the first and the last page of its snapshot.</param>
/// <param name="CompleteAt">The latest time up to which the issuer vouched that all his events are known here; null for
/// none.</param>
public sealed record IssuerEvents(
    string Issuer, long Epoch, long Sequence, string LastId, bool SnapshotComplete, DateTimeOffset? CompleteAt);

/// <summary>What an event changes for one subject.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="State">The new state; null leaves it.</param>
/// <param name="TokensEndedAt">Until when tokens are void; null leaves it, and an earlier time than known changes
/// nothing.</param>
public sealed record SubjectUpdate(string Subject, RequesterState? State, DateTimeOffset? TokensEndedAt);

/// <summary>What is to be written of an event or a heartbeat.</summary>
/// <param name="After">The stream after it.</param>
/// <param name="Updates">What changes, in order.</param>
/// <param name="EndsSnapshot">True if subjects that this run has not named are to be forgotten, which enables them.</param>
/// <param name="Entries">Its audit records; none for a heartbeat.</param>
public sealed record StreamStep(
    IssuerEvents After, IReadOnlyList<SubjectUpdate> Updates, bool EndsSnapshot, IReadOnlyList<AuditEntry> Entries);

/// <summary>
/// Who may be keyed at all: disabled and removed requesters, and how far each issuer's events are known. What is committed here
/// holds for every issuance that commits later, on every node (<see cref="IIssuanceStore.RecordIssuanceAsync"/>).
/// </summary>
public interface ISubjectStore
{
    /// <summary>The standing of a requester; null if nothing was ever said: enabled.</summary>
    Task<SubjectRecord?> FindSubjectAsync(string issuer, string subject, CancellationToken cancellationToken = default);

    /// <summary>All requesters of an issuer of whom something was said, by subject.</summary>
    IAsyncEnumerable<SubjectRecord> ReadSubjectsAsync(string issuer, CancellationToken cancellationToken = default);

    /// <summary>How far the events of each issuer are known, by issuer.</summary>
    Task<IReadOnlyList<IssuerEvents>> FindStreamsAsync(CancellationToken cancellationToken = default);

    /// <summary>How far the events of an issuer are known; null if nothing is.</summary>
    Task<IssuerEvents?> FindStreamAsync(string issuer, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes one step of an issuer's stream. The decision is made within the transaction, on the stream as it stands then; no
    /// other step of any node runs beside it.
    /// </summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="decide">Gets the stream as stored (null for none) and says what to write, or null for nothing. It may be
    /// called again when the transaction is.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <exception cref="KmsException">As <see cref="IAuditStore.AppendAuditAsync"/>.</exception>
    Task AdvanceStreamAsync(
        string issuer, Func<IssuerEvents?, StreamStep?> decide, CancellationToken cancellationToken = default);
}
