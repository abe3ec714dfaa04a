using System.Collections.Concurrent;
using Watchword.Cryptography;

namespace Watchword.Kms;

/// <summary>The keys of one UID, fresh from the master secrets. Disposing zeroes them.</summary>
/// <param name="Signing">SSK with PVT.</param>
/// <param name="Receiver">RSK.</param>
/// <param name="IsSound">The ECCSI relation holds (RFC 6507 §5.1.2) and the RSK lies on its curve.</param>
internal sealed record FreshKey(EccsiSigningKey Signing, SakkeReceiverKey Receiver, bool IsSound) : IDisposable
{
    /// <summary>The keys of UIDs in one batch, in their order. The caller disposes each.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The master secrets cannot serve a UID, with a
    /// probability of 2^-256.</exception>
    public static FreshKey[] Issue(MasterSecrets secrets, ReadOnlyMemory<byte>[] uids)
    {
        SakkeReceiverKey[] receivers = secrets.Sakke.IssueReceiverKeys(uids);
        EccsiSigningKey[] signers = [];
        try
        {
            signers = secrets.Eccsi.IssueSigningKeys(uids, secrets.Derivation);
            bool[] sound = new bool[uids.Length];
            _ = EccsiSigningKey.ValidateAll(signers, sound);
            return [.. receivers.Select(
                (receiver, i) => new FreshKey(signers[i], receiver, sound[i] && receiver.IsOnCurve()))];
        }
        catch
        {
            Array.ForEach(receivers, receiver => receiver.Dispose());
            Array.ForEach(signers, signer => signer.Dispose());
            throw;
        }
    }

    public void Dispose()
    {
        Signing.Dispose();
        Receiver.Dispose();
    }
}

/// <summary>
/// Issues the keys of requests that wait together in one batch: a key costs a third less in a batch of fifty than in one of
/// twelve. Nobody waits for company while no batch is under way; what comes meanwhile makes the next. Another worker joins in
/// when so much waits that it can fill half a batch of its own.
/// </summary>
/// <param name="workers">How many batches may run at a time; one for each processor does.</param>
internal sealed class KeyBatcher(int workers)
{
    /// <summary>Keys of a batch: beyond this a batch gains nothing, and its first request would wait for its last.</summary>
    private const int MostKeys = 96;

    private const int HalfBatch = MostKeys / 2;

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _waitingKeys;
    private int _running;

    /// <summary>Issues the keys of UIDs of one domain, in their order. The caller disposes each.</summary>
    /// <param name="secrets">The master secrets; not disposed before the task has ended.</param>
    /// <param name="uids">The UIDs, 32 octets each.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The master secrets cannot serve a UID, with a
    /// probability of 2^-256.</exception>
    public Task<FreshKey[]> IssueAsync(MasterSecrets secrets, IReadOnlyList<ReadOnlyMemory<byte>> uids)
    {
        Waiting waiting = new(secrets, uids);
        _waiting.Enqueue(waiting);
        Interlocked.Add(ref _waitingKeys, uids.Count);
        StartWorker();
        return waiting.Completion.Task;
    }

    private void StartWorker()
    {
        while (Volatile.Read(ref _running) is var running && running < workers
            && (running == 0 || Volatile.Read(ref _waitingKeys) >= HalfBatch))
        {
            if (Interlocked.CompareExchange(ref _running, running + 1, running) == running)
            {
                // Twice round the queue of the pool: the requests whose intents were written by the same commit come along.
                ThreadPool.UnsafeQueueUserWorkItem(
                    static batcher => ThreadPool.UnsafeQueueUserWorkItem(
                        static batcher => batcher.Work(), batcher, preferLocal: false),
                    this,
                    preferLocal: false);
                return;
            }
        }
    }

    private void Work()
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            foreach (IGrouping<MasterSecrets, Waiting> domain in batch.GroupBy(waiting => waiting.Secrets))
            {
                Issue(domain.Key, [.. domain]);
            }
        }

        Interlocked.Decrement(ref _running);

        // What came between the last look and the decrement found this worker running.
        if (!_waiting.IsEmpty)
        {
            StartWorker();
        }
    }

    private List<Waiting> TakeBatch()
    {
        List<Waiting> batch = [];
        for (int keys = 0; keys < MostKeys && _waiting.TryDequeue(out Waiting? waiting); keys += waiting.Uids.Count)
        {
            Interlocked.Add(ref _waitingKeys, -waiting.Uids.Count);
            batch.Add(waiting);
        }

        return batch;
    }

    private static void Issue(MasterSecrets secrets, Waiting[] batch)
    {
        try
        {
            FreshKey[] keys = FreshKey.Issue(secrets, [.. batch.SelectMany(waiting => waiting.Uids)]);
            int first = 0;
            foreach (Waiting waiting in batch)
            {
                waiting.Completion.SetResult(keys[first..(first + waiting.Uids.Count)]);
                first += waiting.Uids.Count;
            }
        }
        catch (Exception) when (batch.Length > 1)
        {
            // One UID that cannot be served must not cost the others their keys.
            Array.ForEach(batch, waiting => Issue(secrets, [waiting]));
        }
        catch (Exception fault)
        {
            batch[0].Completion.SetException(fault);
        }
    }

    private sealed record Waiting(MasterSecrets Secrets, IReadOnlyList<ReadOnlyMemory<byte>> Uids)
    {
        /// <summary>Continues elsewhere: a worker never runs what a request does next.</summary>
        public TaskCompletionSource<FreshKey[]> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
