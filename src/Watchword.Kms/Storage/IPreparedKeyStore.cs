using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>Whose keys are prepared: an identity and the requester for whom.</summary>
/// <param name="Number">Its place in the source; the source is gone through in this order.</param>
/// <param name="Issuer">Who vouches for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="UserUri">The identity, octet by octet.</param>
public sealed record KeyHolder(long Number, string Issuer, string Subject, string UserUri)
{
    /// <summary>The type name: identities stay out of logs.</summary>
    public override string ToString() => nameof(KeyHolder);
}

/// <summary>A key set that was made ahead, sealed, and where it belongs. Holds no key and no identity in clear.</summary>
/// <param name="UserId">The UID, 32 octets.</param>
/// <param name="TransportKeyId">The transport key that it takes to open it besides custody; empty for custody alone.</param>
/// <param name="Holder">Tells the requester (<see cref="PreparedPlace.HashHolder"/>), 32 octets.</param>
/// <param name="Identity">Tells the identity in its domain (<see cref="PreparedPlace.HashIdentity"/>), 32 octets.</param>
/// <param name="Sealed">The sealed octets.</param>
public sealed record SealedKeySet(
    ReadOnlyMemory<byte> UserId, string TransportKeyId, ReadOnlyMemory<byte> Holder, ReadOnlyMemory<byte> Identity,
    ReadOnlyMemory<byte> Sealed)
{
    /// <summary>The type name.</summary>
    public override string ToString() => nameof(SealedKeySet);
}

/// <summary>What was prepared of one batch.</summary>
/// <param name="Seen">The preparation as it was when the batch was begun: if it is another by now, nothing is written.</param>
/// <param name="After">The preparation after the batch.</param>
/// <param name="Holders">Whose keys it has.</param>
/// <param name="KeySets">The sealed key sets.</param>
/// <param name="Entry">The outcome.</param>
public sealed record PreparedBatch(
    Preparation Seen, Preparation After, IReadOnlyList<KeyHolder> Holders, IReadOnlyList<SealedKeySet> KeySets, AuditEntry Entry);

/// <summary>What becomes of a preparation.</summary>
/// <param name="After">The preparation after the step.</param>
/// <param name="Entries">Its audit records.</param>
public sealed record PreparationStep(Preparation After, IReadOnlyList<AuditEntry> Entries);

/// <summary>
/// Key sets that were made ahead. They are erased in the transaction that bars their requester, ends their transport key, moves
/// their identity, or ends their generation; what was begun before such a transaction and is written after it leaves them out.
/// </summary>
public interface IPreparedKeyStore
{
    /// <summary>All preparations of a domain, the oldest first.</summary>
    /// <param name="kmsUri">The domain; null for all domains.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<Preparation>> FindPreparationsAsync(string? kmsUri, CancellationToken cancellationToken = default);

    /// <summary>How many identities were keyed in a key period, and the numbers of the first and the last of them.</summary>
    Task<(long Count, long First, long Last)> MeasureHoldersAsync(
        string kmsUri, int generation, long periodNumber, CancellationToken cancellationToken = default);

    /// <summary>The next holders of a preparation behind its cursor.</summary>
    /// <param name="preparation">The preparation.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The holders, and how far the source has been read: the cursor of the next call. None when it is at its
    /// end.</returns>
    Task<(IReadOnlyList<KeyHolder> Holders, long Cursor)> ReadHoldersAsync(
        Preparation preparation, int count, CancellationToken cancellationToken = default);

    /// <summary>Begins a preparation, or continues the one of the same domain, generation and key period.</summary>
    /// <param name="kmsUri">The domain.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="periodNumber">The key period.</param>
    /// <param name="decide">Gets what there is of it, null for nothing, and says what to write; null to leave it.</param>
    /// <param name="listed">Holders to be added to its list; none if it goes by what was issued.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <returns>The preparation, with its number.</returns>
    Task<Preparation> BeginPreparationAsync(
        string kmsUri, int generation, long periodNumber, Func<Preparation?, PreparationStep?> decide,
        IReadOnlyList<KeyHolder> listed, CancellationToken cancellationToken = default);

    /// <summary>Changes a preparation, decided within the transaction on what it is then.</summary>
    /// <returns>The preparation after it; null if there is none, or nothing was to be changed.</returns>
    Task<Preparation?> ChangePreparationAsync(
        long id, Func<Preparation, PreparationStep?> decide, CancellationToken cancellationToken = default);

    /// <summary>Stores what was prepared and how far that is, in one transaction. Holders who are barred by now, and key sets
    /// under transport keys that are not current any more, are left out.</summary>
    /// <returns>The preparation after it; null if it is not what it was, and nothing was written.</returns>
    Task<Preparation?> WritePreparedAsync(PreparedBatch batch, CancellationToken cancellationToken = default);

    /// <summary>The sealed key sets of some UIDs.</summary>
    Task<IReadOnlyList<SealedKeySet>> FindPreparedAsync(
        long preparation, IReadOnlyList<ReadOnlyMemory<byte>> userIds, CancellationToken cancellationToken = default);

    /// <summary>How many sealed key sets there are of a preparation.</summary>
    Task<long> CountPreparedAsync(long preparation, CancellationToken cancellationToken = default);

    /// <summary>Erases sealed key sets that are of no use any more.</summary>
    Task ErasePreparedAsync(
        long preparation, IReadOnlyList<SealedKeySet> useless, CancellationToken cancellationToken = default);

    /// <summary>Erases about so many sealed key sets of a preparation: all of a UID or none.</summary>
    /// <returns>How many were erased; less than asked for when none are left.</returns>
    Task<long> ErasePreparedAsync(long preparation, int count, CancellationToken cancellationToken = default);
}
