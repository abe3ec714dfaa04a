using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Watchword.ResourceServers.Storage;

/// <summary>
/// Runs work in a serialisable transaction, again where another got in between: a limit that is read in it holds when it commits.
/// </summary>
internal sealed class ServicesTransactions(Func<DbContext> create)
{
    private const int Attempts = 16;
    private const int Constraint = 19;
    private const int Busy = 5;
    private const int Locked = 6;

    /// <summary>Runs work that writes.</summary>
    /// <param name="work">The work, on a context of its own; run anew as a whole if it did not get through.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<T> RunAsync<T>(Func<DbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            await using DbContext context = create();
            try
            {
                await using IDbContextTransaction transaction =
                    await context.Database.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
                T result = await work(context, cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return result;
            }
            catch (Exception fault) when (attempt < Attempts && IsConflict(fault))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, 10 * attempt)), cancellationToken);
            }
        }
    }

    /// <summary>Runs work that reads, on a context of its own.</summary>
    public async Task<T> ReadAsync<T>(Func<DbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await using DbContext context = create();
        return await work(context, cancellationToken);
    }

    // A key that is there already may be one that another has just written: read anew, it is no conflict.
    // So is a row that is not what it was when it was read.
    private static bool IsConflict(Exception fault) => fault is DbUpdateConcurrencyException || Cause(fault) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.UniqueViolation } => true,
        SqliteException { SqliteErrorCode: Constraint or Busy or Locked } => true,
        _ => false,
    };

    // EF Core wraps what the database says, and what it takes for transient once more.
    private static DbException? Cause(Exception? fault) => fault is null ? null : fault as DbException
        ?? Cause(fault.InnerException);
}
