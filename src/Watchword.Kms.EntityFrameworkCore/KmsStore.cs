using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// The store on a relational database: SQLite for one node, PostgreSQL for one or many. One file for each area of
/// <see cref="IKmsStore"/>; all writing goes through one <see cref="GroupWriter"/>.
/// </summary>
public sealed partial class KmsStore : IKmsStore, IDisposable
{
    private readonly StoreProvider _provider;
    private readonly GroupWriter _writer;
    private readonly TimeProvider _time;
    private readonly LookupBatcher<(string KmsUri, string UserUri), TransportKeyClient> _transportKeyClients;
    private readonly LookupBatcher<(string Issuer, string Subject), SubjectRecord> _subjects;
    private readonly LookupBatcher<string, IssuerEvents> _streams;

    private KmsStore(StoreProvider provider, TimeProvider time)
    {
        _provider = provider;
        _time = time;
        _writer = new GroupWriter(provider, time);
        _transportKeyClients = new LookupBatcher<(string KmsUri, string UserUri), TransportKeyClient>(
            ReadTransportKeyClientsAsync);
        _subjects = new LookupBatcher<(string Issuer, string Subject), SubjectRecord>(ReadSubjectsAsync);
        _streams = new LookupBatcher<string, IssuerEvents>(ReadStreamsAsync);
    }

    /// <summary>Opens an existing store and brings its tables up to date.</summary>
    /// <param name="database">Which; the store closes its connections when it is disposed.</param>
    /// <param name="time">The clock for audit records.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoDomain"/> if there is no such file, or nothing of a KMS in the
    /// database; <see cref="KmsError.StoreTooNew"/>; <see cref="KmsError.StoreUnavailable"/>.</exception>
    public static Task<KmsStore> OpenAsync(
        KmsDatabase database, TimeProvider time, CancellationToken cancellationToken = default) =>
        OpenAsync(database, time, mayCreate: false, cancellationToken);

    /// <summary>True if <see cref="OpenAsync(KmsDatabase, TimeProvider, CancellationToken)"/> would change the tables of an
    /// existing store: its next start is an upgrade. Changes nothing.</summary>
    /// <param name="database">Which; its connections are closed before this returns.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>.</exception>
    public static async Task<bool> NeedsMigrationAsync(KmsDatabase database, CancellationToken cancellationToken = default)
    {
        StoreProvider provider = database.Provider;
        try
        {
            if (!await provider.ExistsAsync(cancellationToken))
            {
                return false;
            }

            await using KmsDbContext context = provider.CreateContext();
            return (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
        }
        catch (Exception fault) when (IsInfrastructure(fault))
        {
            throw Unavailable(fault);
        }
        finally
        {
            provider.Close();
        }
    }

    /// <summary>Opens a store, made if there is none. For the explicit act of initialisation only.</summary>
    /// <inheritdoc cref="OpenAsync(KmsDatabase, TimeProvider, CancellationToken)"/>
    public static Task<KmsStore> CreateAsync(
        KmsDatabase database, TimeProvider time, CancellationToken cancellationToken = default) =>
        OpenAsync(database, time, mayCreate: true, cancellationToken);

    /// <summary>Ends writing and closes the connections.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _provider.Close();
    }

    private static async Task<KmsStore> OpenAsync(
        KmsDatabase database, TimeProvider time, bool mayCreate, CancellationToken cancellationToken)
    {
        KmsStore store = new(database.Provider, time);
        try
        {
            await store.MigrateAsync(mayCreate, cancellationToken);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private async Task MigrateAsync(bool mayCreate, CancellationToken cancellationToken)
    {
        try
        {
            if (!mayCreate && !await _provider.ExistsAsync(cancellationToken))
            {
                throw new KmsException(KmsError.NoDomain, _provider.Name);
            }

            await using KmsDbContext context = _provider.CreateContext();
            IEnumerable<string> applied = await context.Database.GetAppliedMigrationsAsync(cancellationToken);
            List<string> known = [.. context.Database.GetMigrations()];
            if (applied.Except(known).Any())
            {
                throw new KmsException(KmsError.StoreTooNew, _provider.Name);
            }

            if (known.Except(applied).Any())
            {
                await _provider.MigrateAsync(context, cancellationToken);
            }
        }
        catch (Exception fault) when (IsInfrastructure(fault))
        {
            throw Unavailable(fault);
        }
    }

    private async Task<T> ReadAsync<T>(Func<KmsDbContext, Task<T>> read)
    {
        try
        {
            await using KmsDbContext context = _provider.CreateContext();
            return await read(context);
        }
        catch (Exception fault) when (IsInfrastructure(fault))
        {
            throw Unavailable(fault);
        }
    }

    /// <summary>Rows as they come, without holding all of them; faults are those of <see cref="ReadAsync"/>.</summary>
    private async IAsyncEnumerable<TRow> StreamAsync<TRow>(
        Func<KmsDbContext, IQueryable<TRow>> query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using KmsDbContext context = _provider.CreateContext();
        await using IAsyncEnumerator<TRow> rows = query(context).AsAsyncEnumerable().GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            TRow row;
            try
            {
                if (!await rows.MoveNextAsync())
                {
                    yield break;
                }

                row = rows.Current;
            }
            catch (Exception fault) when (IsInfrastructure(fault))
            {
                throw Unavailable(fault);
            }

            yield return row;
        }
    }

    private static bool IsInfrastructure(Exception fault) =>
        fault is DbException or DbUpdateException or IOException or UnauthorizedAccessException or TimeoutException
        || (fault is InvalidOperationException && fault.InnerException is DbException or TimeoutException);

    private static KmsException Unavailable(Exception fault) => new(KmsError.StoreUnavailable, innerException: fault);
}
