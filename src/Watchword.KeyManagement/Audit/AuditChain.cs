namespace Watchword.KeyManagement.Audit;

/// <summary>Why a chain does not hold.</summary>
public enum AuditFault
{
    /// <summary>It holds.</summary>
    None = 0,

    /// <summary>A record is missing or out of order.</summary>
    SequenceGap = 1,

    /// <summary>A record is not linked to the one before.</summary>
    BrokenLink = 2,

    /// <summary>The content of a record does not give its hash.</summary>
    ContentChanged = 3,

    /// <summary>A record is older than the one before.</summary>
    TimeRunsBackwards = 4,

    /// <summary>An outcome names no open intent for the same identity, period and requester.</summary>
    OutcomeWithoutIntent = 5,

    /// <summary>The chain does not reach the head that was expected: its end was cut off.</summary>
    EndMissing = 6,

    /// <summary>A record has a format that this version does not know.</summary>
    UnknownFormat = 7,

    /// <summary>A checkpoint is not signed by a key that is trusted.</summary>
    CheckpointNotSigned = 8,

    /// <summary>An export is not in its form: a line is not exactly what this project writes.</summary>
    ExportMalformed = 9,

    /// <summary>The footer of an export is not signed by a key that is trusted, or not over this export.</summary>
    ExportNotSigned = 10,
}

/// <summary>What a verification found.</summary>
/// <param name="Fault">The first fault, or <see cref="AuditFault.None"/>.</param>
/// <param name="BrokenAt">Sequence number at the first fault.</param>
/// <param name="Records">Records that hold.</param>
/// <param name="Head">The last record that holds.</param>
/// <param name="OpenIntents">Intents without an outcome: issuing was cut off, by a crash for example; no key set left the
/// KMS.</param>
/// <param name="SignedUpTo">The last record that a checkpoint of a trusted key covers; 0 if there is none.</param>
public sealed record AuditVerification(
    AuditFault Fault, long? BrokenAt, long Records, AuditHead Head, IReadOnlyList<long> OpenIntents, long SignedUpTo)
{
    /// <summary>True when every record holds.</summary>
    public bool IsValid => Fault == AuditFault.None;
}

/// <summary>Verifies an audit log record by record: links, hashes, order, time, that every outcome had its intent, and the
/// signatures of its checkpoints. Keeps 40 octets for each intent that is open, and nothing else of the log.</summary>
public sealed class AuditChain
{
    private readonly Dictionary<long, byte[]> _openIntents = [];
    private readonly AuditHead? _expected;
    private readonly IReadOnlyList<AuditPublicKey>? _keys;
    private AuditHead _head = AuditHead.Empty;
    private AuditFault _fault;
    private long? _brokenAt;
    private long _signedUpTo;

    internal AuditChain(AuditHead? expected, IReadOnlyList<AuditPublicKey>? keys)
    {
        _expected = expected;
        _keys = keys;
    }

    /// <summary>Verifies a whole log from its first record.</summary>
    /// <param name="records">The records in the order of their sequence numbers.</param>
    /// <param name="expected">A head written down earlier that the log must contain; null if there is none.</param>
    /// <param name="keys">Keys that must have signed the checkpoints; null leaves the signatures unchecked.</param>
    public static AuditVerification Verify(
        IEnumerable<AuditRecord> records, AuditHead? expected = null, IReadOnlyList<AuditPublicKey>? keys = null)
    {
        ArgumentNullException.ThrowIfNull(records);
        AuditChain chain = new(expected, keys);
        foreach (AuditRecord record in records)
        {
            if (!chain.Accept(record))
            {
                break;
            }
        }

        return chain.Finish();
    }

    /// <summary>Verifies a log that is read from storage as it goes.</summary>
    /// <inheritdoc cref="Verify"/>
    public static async Task<AuditVerification> VerifyAsync(
        IAsyncEnumerable<AuditRecord> records, AuditHead? expected = null, IReadOnlyList<AuditPublicKey>? keys = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        AuditChain chain = new(expected, keys);
        await foreach (AuditRecord record in records.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!chain.Accept(record))
            {
                break;
            }
        }

        return chain.Finish();
    }

    /// <summary>Takes the next record; false at the first fault.</summary>
    internal bool Accept(AuditRecord record)
    {
        _fault = Check(record);
        if (_fault != AuditFault.None)
        {
            _brokenAt = record.Sequence;
            return false;
        }

        if (record.Entry.Kind == AuditKind.Intent)
        {
            _openIntents.Add(record.Sequence, AuditEncoding.HashOfIntent(record.Entry));
        }

        _head = record.ToHead();
        return true;
    }

    internal AuditVerification Finish()
    {
        if (_fault == AuditFault.None && _expected is not null && _head.Sequence < _expected.Sequence)
        {
            _fault = AuditFault.EndMissing;
            _brokenAt = _head.Sequence + 1;
        }

        return new AuditVerification(
            _fault, _brokenAt, _head.Sequence, _head, [.. _openIntents.Keys.Order()], _signedUpTo);
    }

    private AuditFault Check(AuditRecord record)
    {
        if (record.Sequence != _head.Sequence + 1)
        {
            return AuditFault.SequenceGap;
        }

        if (!record.PreviousHash.Span.SequenceEqual(_head.Hash.Span))
        {
            return AuditFault.BrokenLink;
        }

        if (record.ComputeHash() is not { } hash)
        {
            return AuditFault.UnknownFormat;
        }

        // A hash of another length links to nothing: what stands before it could be changed behind the back of later checkpoints.
        if (hash.Length != AuditRecord.HashSizeInBytes || !record.Hash.Span.SequenceEqual(hash))
        {
            return AuditFault.ContentChanged;
        }

        if (record.Sequence == _expected?.Sequence && !record.Hash.Span.SequenceEqual(_expected.Hash.Span))
        {
            return AuditFault.ContentChanged;
        }

        return record.Time < _head.Time ? AuditFault.TimeRunsBackwards : CheckMeaning(record);
    }

    private AuditFault CheckMeaning(AuditRecord record)
    {
        switch (record.Entry.Kind)
        {
            case AuditKind.Outcome when !ClosesIntent(record.Entry):
                return AuditFault.OutcomeWithoutIntent;
            case AuditKind.Checkpoint when _keys is not null:
                if (!AuditCheckpoint.TryRead(record, out AuditCheckpoint? checkpoint) || !checkpoint.IsSignedBy(_keys))
                {
                    return AuditFault.CheckpointNotSigned;
                }

                _signedUpTo = checkpoint.Sequence;
                return AuditFault.None;
            default:
                return AuditFault.None;
        }
    }

    private bool ClosesIntent(AuditEntry outcome) =>
        outcome.IntentSequence is { } sequence
        && _openIntents.Remove(sequence, out byte[]? intent)
        && intent.AsSpan().SequenceEqual(AuditEncoding.HashOfIntent(outcome));
}
