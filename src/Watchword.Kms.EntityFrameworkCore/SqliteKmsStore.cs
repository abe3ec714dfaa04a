using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// The store on SQLite. One writer at a time: each transaction begins as IMMEDIATE, reads the head of the audit log and links to
/// it, so that the chain holds even with two processes on one file.
/// </summary>
public sealed class SqliteKmsStore : IKmsStore, IDisposable
{
    private readonly string _connectionString;
    private readonly DbContextOptions<KmsDbContext> _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writer = new(1, 1);

    private SqliteKmsStore(string path, TimeProvider time)
    {
        _connectionString = KmsDbContextFactory.ConnectionStringFor(path);
        _options = KmsDbContextFactory.OptionsFor(path);
        _time = time;
    }

    /// <summary>Opens an existing database and brings its tables up to date.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock for audit records.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoDomain"/> if there is no file;
    /// <see cref="KmsError.StoreUnavailable"/>.</exception>
    public static Task<SqliteKmsStore> OpenAsync(string path, TimeProvider time, CancellationToken cancellationToken = default) =>
        File.Exists(path)
            ? MigrateAsync(path, time, cancellationToken)
            : throw new KmsException(KmsError.NoDomain, path);

    /// <summary>True if <see cref="OpenAsync"/> would change the tables of an existing database: its next start is an
    /// upgrade.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>.</exception>
    public static async Task<bool> NeedsMigrationAsync(
        string path, TimeProvider time, CancellationToken cancellationToken = default)
    {
        using SqliteKmsStore store = new(path, time);
        return await store.ReadAsync(async context =>
            (await context.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false)).Any())
            .ConfigureAwait(false);
    }

    /// <summary>Opens a database, made if there is none. For the explicit act of initialisation only.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static Task<SqliteKmsStore> CreateAsync(
        string path, TimeProvider time, CancellationToken cancellationToken = default) =>
        MigrateAsync(path, time, cancellationToken);

    /// <inheritdoc/>
    public Task<DomainRecord?> FindDomainAsync(CancellationToken cancellationToken = default) => ReadAsync(async context =>
    {
        DomainRow? row = await context.Domains.OrderByDescending(domain => domain.Generation)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return row?.ToRecord();
    });

    /// <inheritdoc/>
    public Task CreateDomainAsync(DomainRecord domain, AuditEntry entry, CancellationToken cancellationToken = default) =>
        WriteAsync(
            async (context, _) =>
            {
                if (await context.Domains.AnyAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw new KmsException(KmsError.DomainExists, domain.KmsUri);
                }

                context.Domains.Add(domain.ToRow());
            },
            [entry],
            cancellationToken);

    /// <inheritdoc/>
    public Task<AuditHead> GetAuditHeadAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(context => HeadAsync(context, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default) =>
        WriteAsync(static (_, _) => Task.CompletedTask, entries, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditRecord>> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, IReadOnlyList<AuditEntry> outcomes,
        CancellationToken cancellationToken = default) =>
        WriteAsync(
            async (context, records) =>
            {
                for (int i = 0; i < issued.Count; i++)
                {
                    await RecordAsync(context, issued[i], records[i].Sequence, cancellationToken).ConfigureAwait(false);
                }
            },
            issued.Count == outcomes.Count
                ? outcomes
                : throw new ArgumentException("One outcome for each issuance.", nameof(outcomes)),
            cancellationToken);

    /// <inheritdoc/>
    public Task<bool> WasIssuedAsync(
        int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default) =>
        ReadAsync(context => context.Issuances.AnyAsync(
            row => row.Generation == generation && row.PeriodNumber == periodNumber && row.UserUri == userUri
                && row.Issuer == issuer && row.Subject == subject,
            cancellationToken));

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditRecord> ReadAuditAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        KmsDbContext context = new(_options);
        await using (context.ConfigureAwait(false))
        {
            IAsyncEnumerable<AuditRow> rows = context.Audit.AsNoTracking().OrderBy(record => record.Sequence).AsAsyncEnumerable();
            await foreach (AuditRow row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                yield return row.ToRecord();
            }
        }
    }

    /// <summary>Closes the pooled connections to the file, which also empties its write-ahead log into it.</summary>
    public void Dispose()
    {
        using SqliteConnection connection = new(_connectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    private static async Task<SqliteKmsStore> MigrateAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        SqliteKmsStore store = new(path, time);
        try
        {
            await store.ReadAsync(async context =>
            {
                await context.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Records one issuance; the same UID must always have the same PVT, for whomever it is issued.</summary>
    private static async Task RecordAsync(
        KmsDbContext context, IssuanceRecord issued, long outcome, CancellationToken cancellationToken)
    {
        byte[] userId = issued.UserId.ToArray();
        List<IssuanceRow> known = await context.Issuances
            .Where(row => row.UserId == userId && row.Generation == issued.Generation)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        if (known.Any(row => !row.PublicTokenHash.AsSpan().SequenceEqual(issued.PublicTokenHash.Span)))
        {
            throw new KmsException(KmsError.RepeatDiffers);
        }

        IssuanceRow? same = known.Find(row =>
            row.PeriodNumber == issued.PeriodNumber && row.UserUri == issued.UserUri && row.Issuer == issued.Issuer
                && row.Subject == issued.Subject);
        if (same is not null)
        {
            same.LastOutcome = outcome;
            return;
        }

        context.Issuances.Add(new IssuanceRow
        {
            Generation = issued.Generation,
            PeriodNumber = issued.PeriodNumber,
            UserUri = issued.UserUri,
            Issuer = issued.Issuer,
            Subject = issued.Subject,
            UserId = userId,
            PublicTokenHash = issued.PublicTokenHash.ToArray(),
            FirstOutcome = outcome,
            LastOutcome = outcome,
        });
    }

    private static async Task<AuditHead> HeadAsync(KmsDbContext context, CancellationToken cancellationToken)
    {
        var last = await context.Audit.OrderByDescending(record => record.Sequence)
            .Select(record => new { record.Sequence, record.Hash, record.Time })
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return last is null
            ? AuditHead.Empty
            : new AuditHead(last.Sequence, last.Hash, DateTimeOffset.FromUnixTimeMilliseconds(last.Time));
    }

    private async Task<IReadOnlyList<AuditRecord>> WriteAsync(
        Func<KmsDbContext, IReadOnlyList<AuditRecord>, Task> write, IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ReadAsync(async context =>
            {
                IDbContextTransaction transaction = await context.Database.BeginTransactionAsync(cancellationToken)
                    .ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    AuditRecord[] records = await LinkAsync(context, entries, cancellationToken).ConfigureAwait(false);
                    await write(context, records).ConfigureAwait(false);
                    await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return records;
                }
            }).ConfigureAwait(false);
        }
        finally
        {
            _writer.Release();
        }
    }

    private async Task<AuditRecord[]> LinkAsync(
        KmsDbContext context, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        AuditHead head = await HeadAsync(context, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = _time.GetUtcNow();
        if (now.ToUnixTimeMilliseconds() < head.Time.ToUnixTimeMilliseconds())
        {
            throw new KmsException(KmsError.ClockBehindAudit);
        }

        AuditRecord[] records = new AuditRecord[entries.Count];
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = AuditRecord.Append(head, now, entries[i]);
            head = records[i].ToHead();
            context.Audit.Add(records[i].ToRow());
        }

        return records;
    }

    private async Task<T> ReadAsync<T>(Func<KmsDbContext, Task<T>> work)
    {
        try
        {
            KmsDbContext context = new(_options);
            await using (context.ConfigureAwait(false))
            {
                return await work(context).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.StoreUnavailable, innerException: fault);
        }
    }
}
