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
}

/// <summary>What a verification found.</summary>
/// <param name="Fault">The first fault, or <see cref="AuditFault.None"/>.</param>
/// <param name="BrokenAt">Sequence number at the first fault.</param>
/// <param name="Records">Records that hold.</param>
/// <param name="Head">The last record that holds.</param>
/// <param name="OpenIntents">Intents without an outcome: issuing was cut off, by a crash for example; no key set left the
/// KMS.</param>
public sealed record AuditVerification(
    AuditFault Fault, long? BrokenAt, long Records, AuditHead Head, IReadOnlyList<long> OpenIntents)
{
    /// <summary>True when every record holds.</summary>
    public bool IsValid => Fault == AuditFault.None;
}

/// <summary>Verifies an audit log record by record: links, hashes, order, time, and that every outcome had its intent.</summary>
public sealed class AuditChain
{
    private readonly Dictionary<long, AuditEntry> _openIntents = [];
    private AuditHead _head = AuditHead.Empty;
    private AuditFault _fault;
    private long? _brokenAt;

    private AuditChain()
    {
    }

    /// <summary>Verifies a whole log from its first record.</summary>
    /// <param name="records">The records in the order of their sequence numbers.</param>
    /// <param name="expected">A head written down earlier that the log must contain; null if there is none.</param>
    public static AuditVerification Verify(IEnumerable<AuditRecord> records, AuditHead? expected = null)
    {
        ArgumentNullException.ThrowIfNull(records);
        AuditChain chain = new();
        foreach (AuditRecord record in records)
        {
            if (!chain.Accept(record, expected))
            {
                break;
            }
        }

        return chain.Finish(expected);
    }

    /// <summary>Verifies a log that is read from storage as it goes.</summary>
    /// <inheritdoc cref="Verify"/>
    public static async Task<AuditVerification> VerifyAsync(
        IAsyncEnumerable<AuditRecord> records, AuditHead? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        AuditChain chain = new();
        await foreach (AuditRecord record in records.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!chain.Accept(record, expected))
            {
                break;
            }
        }

        return chain.Finish(expected);
    }

    private bool Accept(AuditRecord record, AuditHead? expected)
    {
        _fault = Check(record, expected);
        if (_fault != AuditFault.None)
        {
            _brokenAt = record.Sequence;
            return false;
        }

        if (record.Entry.Kind == AuditKind.Intent)
        {
            _openIntents.Add(record.Sequence, record.Entry);
        }

        _head = record.ToHead();
        return true;
    }

    private AuditFault Check(AuditRecord record, AuditHead? expected)
    {
        if (record.Sequence != _head.Sequence + 1)
        {
            return AuditFault.SequenceGap;
        }

        if (!record.PreviousHash.Span.SequenceEqual(_head.Hash.Span))
        {
            return AuditFault.BrokenLink;
        }

        if (!record.Hash.Span.SequenceEqual(record.ComputeHash()))
        {
            return AuditFault.ContentChanged;
        }

        if (record.Sequence == expected?.Sequence && !record.Hash.Span.SequenceEqual(expected.Hash.Span))
        {
            return AuditFault.ContentChanged;
        }

        if (record.Time < _head.Time)
        {
            return AuditFault.TimeRunsBackwards;
        }

        return record.Entry.Kind == AuditKind.Outcome && !ClosesIntent(record.Entry)
            ? AuditFault.OutcomeWithoutIntent
            : AuditFault.None;
    }

    private bool ClosesIntent(AuditEntry outcome) =>
        outcome.IntentSequence is { } sequence
        && _openIntents.Remove(sequence, out AuditEntry? intent)
        && intent.KmsUri == outcome.KmsUri
        && intent.Generation == outcome.Generation
        && intent.Issuer == outcome.Issuer
        && intent.Subject == outcome.Subject
        && intent.UserUri == outcome.UserUri
        && intent.KeyPeriodNumber == outcome.KeyPeriodNumber
        && intent.UserId.Span.SequenceEqual(outcome.UserId.Span);

    private AuditVerification Finish(AuditHead? expected)
    {
        if (_fault == AuditFault.None && expected is not null && _head.Sequence < expected.Sequence)
        {
            _fault = AuditFault.EndMissing;
            _brokenAt = _head.Sequence + 1;
        }

        return new AuditVerification(_fault, _brokenAt, _head.Sequence, _head, [.. _openIntents.Keys.Order()]);
    }
}
