using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore.Storage;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// The one writer of a store. It takes all units that wait and commits them together, so that the disk is waited for once for all
/// of them. A unit that is refused fails alone. When the database fails before the commit, nothing was written: a transient
/// fault is tried again, a fault of one unit's content is found by writing each alone. When the commit itself fails, nobody
/// knows: all units fail, and nothing of what they were to record is handed out.
/// </summary>
internal sealed class GroupWriter : IDisposable
{
    private const int MostWaiting = 10_000;
    private const int MostUnits = 512;
    private const int MostRecords = 2048;
    private const int Attempts = 3;

    private readonly Channel<WriteUnit> _waiting = Channel.CreateBounded<WriteUnit>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private readonly StoreProvider _provider;
    private readonly TimeProvider _time;
    private readonly Task _loop;
    private volatile AuditHead? _knownHead;

    public GroupWriter(StoreProvider provider, TimeProvider time)
    {
        _provider = provider;
        _time = time;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The end of the audit log when this writer last committed; null if it never did.</summary>
    public AuditHead? KnownHead => _knownHead;

    /// <summary>Writes a unit with whatever else waits.</summary>
    /// <exception cref="KmsException">Its refusal, or <see cref="KmsError.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteUnit unit, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(unit, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(KmsStore));
        }

        return await unit.Completion;
    }

    /// <summary>Writes what waits, then ends.</summary>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        _loop.GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            List<WriteUnit> group = [];
            int records = 0;
            while (group.Count < MostUnits && records < MostRecords && _waiting.Reader.TryRead(out WriteUnit? unit))
            {
                if (unit.TryBegin())
                {
                    group.Add(unit);
                    records += unit.Entries.Count;
                }
            }

            if (group.Count > 0)
            {
                await WriteGroupAsync(group);
            }
        }
    }

    private async Task WriteGroupAsync(List<WriteUnit> group)
    {
        for (int attempt = 1; ; attempt++)
        {
            bool committing = false;
            try
            {
                await CommitAsync(group, () => committing = true);
                group.ForEach(unit => unit.Succeed());
                return;
            }
            catch (Exception fault) when (!committing && attempt < Attempts && DatabaseFault(fault) is { } transient
                && _provider.IsTransient(transient))
            {
                // Nothing was committed: the same again, on another connection.
            }
            catch (Exception fault) when (!committing && group.Count > 1 && DatabaseFault(fault) is { } content
                && _provider.IsFaultOfContent(content))
            {
                foreach (WriteUnit unit in group)
                {
                    await WriteGroupAsync([unit]);
                }

                return;
            }
            catch (Exception fault)
            {
                // Whatever it is, somebody waits for each unit and must hear of it.
                Exception told = ToKmsException(fault);
                group.ForEach(unit => unit.Fail(told));
                return;
            }
        }
    }

    private async Task CommitAsync(List<WriteUnit> group, Action committing)
    {
        await using KmsDbContext context = _provider.CreateContext();
        AuditHeadQuery head = new();
        IssuanceFacts? facts = group[0] is ActUnit ? null : IssuanceFacts.For(_provider, IssuancesFrom(group, 0));
        await using IDbContextTransaction begun = await _provider.BeginAsync(
            context, [head.Query, .. facts?.Queries ?? []], CancellationToken.None);
        WriteTransaction transaction = WriteTransaction.Begin(_provider, context, begun, head.Head, _time);
        if (facts is not null)
        {
            await facts.CompleteAsync(context);
            transaction.Facts = facts;
        }

        for (int i = 0; i < group.Count; i++)
        {
            await PrepareAsync(transaction, group, i);
            await group[i].StageAsync(transaction);
        }

        await transaction.FlushAsync();
        committing();
        await transaction.CommitAsync();
        _knownHead = transaction.Head;
    }

    /// <summary>What a run of issuances needs to know is read at its begin; a rare act in between makes it stale.</summary>
    private async Task PrepareAsync(WriteTransaction transaction, List<WriteUnit> group, int index)
    {
        if (group[index] is ActUnit)
        {
            transaction.Facts = null;
        }
        else if (group[index] is IssuanceUnit && transaction.Facts is null)
        {
            IssuanceFacts facts = IssuanceFacts.For(_provider, IssuancesFrom(group, index))!;
            await _provider.QueryAsync(transaction.Context, facts.Queries, CancellationToken.None);
            await facts.CompleteAsync(transaction.Context);
            transaction.Facts = facts;
        }
    }

    /// <summary>The issuances from here to the next act.</summary>
    private static List<IssuanceUnit> IssuancesFrom(List<WriteUnit> group, int index) =>
        [.. group.Skip(index).TakeWhile(unit => unit is not ActUnit).OfType<IssuanceUnit>()];

    private static DbException? DatabaseFault(Exception fault) => fault as DbException ?? fault.InnerException as DbException;

    private static Exception ToKmsException(Exception fault) => fault is KmsException or OutOfMemoryException
        ? fault
        : new KmsException(KmsError.StoreUnavailable, innerException: fault);
}
