using System.Threading.Channels;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// Answers look-ups that wait together with one query. Nobody waits for company: a look-up that meets no query under way starts
/// one at once, and what comes meanwhile makes the next. Each sees what was committed before it was asked.
/// </summary>
/// <typeparam name="TKey">What is looked up.</typeparam>
/// <typeparam name="TValue">What is found, none or several for a key.</typeparam>
/// <param name="read">Finds the values of many keys.</param>
internal sealed class LookupBatcher<TKey, TValue>(
    Func<IReadOnlyCollection<TKey>, Task<IReadOnlyDictionary<TKey, List<TValue>>>> read)
    where TKey : notnull
{
    private const int MostLookups = 256;

    private readonly Channel<Lookup> _waiting = Channel.CreateUnbounded<Lookup>();
    private int _running;

    /// <summary>The values of each key, in the order of the keys.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>.</exception>
    public Task<IReadOnlyList<TValue>> FindAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken)
    {
        Lookup lookup = new(keys);
        _waiting.Writer.TryWrite(lookup);
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            // Not on the caller's thread: SQLite answers without ever giving it back.
            _ = Task.Run(RunAsync, CancellationToken.None);
        }

        return lookup.Completion.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        do
        {
            while (Take() is { Count: > 0 } batch)
            {
                await AnswerAsync(batch);
            }

            // What came between the last look and this line found a runner. A full fence: the look below must not come before it.
            Interlocked.Exchange(ref _running, 0);
        }
        while (_waiting.Reader.TryPeek(out _) && Interlocked.Exchange(ref _running, 1) == 0);
    }

    private List<Lookup> Take()
    {
        List<Lookup> batch = [];
        while (batch.Count < MostLookups && _waiting.Reader.TryRead(out Lookup? lookup))
        {
            batch.Add(lookup);
        }

        return batch;
    }

    private async Task AnswerAsync(List<Lookup> batch)
    {
        try
        {
            IReadOnlyDictionary<TKey, List<TValue>> found =
                await read(batch.Count == 1 ? batch[0].Keys : [.. batch.SelectMany(lookup => lookup.Keys).Distinct()]);
            foreach (Lookup lookup in batch)
            {
                lookup.Completion.TrySetResult(found.Count == 0
                    ? []
                    : [.. lookup.Keys.SelectMany(key => found.GetValueOrDefault(key) ?? [])]);
            }
        }
        catch (Exception fault)
        {
            // Whatever it is, somebody waits for each. An exception of his own: he may mark it.
            batch.ForEach(lookup => lookup.Completion.TrySetException(
                fault is KmsException known ? new KmsException(known.Error, known.Detail, known) : fault));
        }
    }

    private sealed record Lookup(IReadOnlyCollection<TKey> Keys)
    {
        /// <summary>Continues elsewhere: the next query does not wait for what a request does with this one.</summary>
        public TaskCompletionSource<IReadOnlyList<TValue>> Completion { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
