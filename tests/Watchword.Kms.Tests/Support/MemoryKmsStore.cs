using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.Tests.Support;

/// <summary>A store in memory, with a switch that makes writing fail.</summary>
internal sealed class MemoryKmsStore(TimeProvider time) : IKmsStore
{
    private readonly Lock _lock = new();
    private readonly List<AuditRecord> _audit = [];
    private readonly List<IssuanceRecord> _issued = [];
    private DomainRecord? _domain;

    /// <summary>How many writes succeed before the disk is full.</summary>
    public int WritesLeft { get; set; } = int.MaxValue;

    public IReadOnlyList<AuditRecord> Audit
    {
        get
        {
            lock (_lock)
            {
                return [.. _audit];
            }
        }
    }

    public Task<DomainRecord?> FindDomainAsync(CancellationToken cancellationToken = default) => Task.FromResult(_domain);

    public Task CreateDomainAsync(
        DomainRecord domain, AuditEntry entry, CancellationToken cancellationToken = default) => Write([entry], () =>
    {
        _domain = _domain is null ? domain : throw new KmsException(KmsError.DomainExists);
    });

    /// <summary>What happens at the moment in which the head of the audit log is read; null for nothing.</summary>
    public Func<Task>? BeforeHead { get; set; }

    public async Task<AuditHead> GetAuditHeadAsync(CancellationToken cancellationToken = default)
    {
        if (BeforeHead is { } meanwhile)
        {
            await meanwhile();
        }

        return Head();
    }

    public Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default) =>
        Write(entries, () => { });

    public Task<IReadOnlyList<AuditRecord>> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, IReadOnlyList<AuditEntry> outcomes,
        CancellationToken cancellationToken = default) =>
        Write(outcomes, () =>
        {
            bool differs = issued.Any(record => _issued.Any(known => known.Generation == record.Generation
                && known.UserId.Span.SequenceEqual(record.UserId.Span)
                && !known.PublicTokenHash.Span.SequenceEqual(record.PublicTokenHash.Span)));
            if (differs)
            {
                throw new KmsException(KmsError.RepeatDiffers);
            }

            _issued.AddRange(issued);
        });

    public Task<bool> WasIssuedAsync(
        int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(
                _issued.Any(record => (record.Generation, record.PeriodNumber, record.UserUri, record.Issuer, record.Subject)
                == (generation, periodNumber, userUri, issuer, subject)));
        }
    }

    public IAsyncEnumerable<AuditRecord> ReadAuditAsync(CancellationToken cancellationToken = default) =>
        Audit.ToAsyncEnumerable();

    private AuditHead Head()
    {
        lock (_lock)
        {
            return _audit.Count == 0 ? AuditHead.Empty : _audit[^1].ToHead();
        }
    }

    private Task<IReadOnlyList<AuditRecord>> Write(IReadOnlyList<AuditEntry> entries, Action write)
    {
        try
        {
            lock (_lock)
            {
                if (WritesLeft-- <= 0)
                {
                    throw new KmsException(KmsError.StoreUnavailable);
                }

                AuditHead head = Head();
                DateTimeOffset now = time.GetUtcNow();
                if (now < head.Time)
                {
                    throw new KmsException(KmsError.ClockBehindAudit);
                }

                write();
                List<AuditRecord> records = [];
                foreach (AuditEntry entry in entries)
                {
                    records.Add(AuditRecord.Append(head, now, entry));
                    head = records[^1].ToHead();
                }

                _audit.AddRange(records);
                return Task.FromResult<IReadOnlyList<AuditRecord>>(records);
            }
        }
        catch (KmsException fault)
        {
            return Task.FromException<IReadOnlyList<AuditRecord>>(fault);
        }
    }
}

/// <summary>The contract on the store that the other tests of this project stand on.</summary>
public sealed class MemoryKmsStoreTests : KmsStoreContract
{
    protected override Task<IKmsStore> CreateAsync() => Task.FromResult<IKmsStore>(new MemoryKmsStore(Time));
}
