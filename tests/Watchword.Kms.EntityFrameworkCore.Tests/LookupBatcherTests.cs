using System.Collections.Concurrent;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>What waits together is read together, and each gets what he asked for.</summary>
public sealed class LookupBatcherTests : IDisposable
{
    private readonly ConcurrentQueue<string[]> _reads = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly Queue<TaskCompletionSource> _gates = new();
    private Exception? _fault;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _begun.Dispose();

    [Fact]
    public async Task What_comes_while_a_query_runs_makes_the_next_one()
    {
        TaskCompletionSource gate = Gate();
        LookupBatcher<string, string> batcher = new(ReadAsync);
        Task<IReadOnlyList<string>> first = batcher.FindAsync(["a"], Token);
        await _begun.WaitAsync(Token);
        Task<IReadOnlyList<string>> second = batcher.FindAsync(["b", "c"], Token);
        Task<IReadOnlyList<string>> third = batcher.FindAsync(["c", "nobody"], Token);
        gate.SetResult();
        (await first).ShouldBe(["a1", "a2"]);
        (await second).ShouldBe(["b1", "b2", "c1", "c2"]);
        (await third).ShouldBe(["c1", "c2"]);
        _reads.Select(read => string.Concat(read.Order())).ShouldBe(["a", "bcnobody"]);
    }

    [Fact]
    public async Task A_fault_reaches_everybody_as_an_exception_of_his_own_and_the_next_lookup_works()
    {
        _fault = new KmsException(KmsError.StoreUnavailable, "why");
        TaskCompletionSource gate = Gate();
        LookupBatcher<string, string> batcher = new(ReadAsync);
        Task first = batcher.FindAsync(["a"], Token);
        await _begun.WaitAsync(Token);
        Task[] both = [batcher.FindAsync(["b"], Token), batcher.FindAsync(["c"], Token)];
        gate.SetResult();
        KmsException[] told =
        [
            await Should.ThrowAsync<KmsException>(first),
            await Should.ThrowAsync<KmsException>(both[0]),
            await Should.ThrowAsync<KmsException>(both[1]),
        ];
        told.ShouldAllBe(fault => fault.Error == KmsError.StoreUnavailable && fault.Detail == "why");
        told.Distinct().Count().ShouldBe(3);
        _fault = null;
        (await batcher.FindAsync(["a"], Token)).ShouldBe(["a1", "a2"]);
    }

    [Fact]
    public async Task Who_gives_up_stops_waiting_and_takes_nothing_from_the_others()
    {
        TaskCompletionSource gate = Gate();
        LookupBatcher<string, string> batcher = new(ReadAsync);
        using CancellationTokenSource impatience = new();
        Task leaves = batcher.FindAsync(["a"], impatience.Token);
        await _begun.WaitAsync(Token);
        Task<IReadOnlyList<string>> stays = batcher.FindAsync(["b"], Token);
        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leaves);
        gate.SetResult();
        (await stays).ShouldBe(["b1", "b2"]);
    }

    [Fact]
    public async Task A_thousand_lookups_from_all_sides_are_all_answered()
    {
        LookupBatcher<string, string> batcher = new(ReadAsync);
        string[] keys = [.. "abcdefgh".Select(letter => letter.ToString())];
        await Parallel.ForAsync(0, 1000, Token, async (i, _) =>
            (await batcher.FindAsync([keys[i % keys.Length]], Token)).ShouldBe([keys[i % keys.Length] + "1", keys[i % keys.Length] + "2"]));
        _reads.Count.ShouldBeInRange(1, 1000);
    }

    private TaskCompletionSource Gate()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _gates.Enqueue(gate);
        return gate;
    }

    private async Task<IReadOnlyDictionary<string, List<string>>> ReadAsync(IReadOnlyCollection<string> keys)
    {
        _reads.Enqueue([.. keys]);
        _begun.Release();
        if (_gates.TryDequeue(out TaskCompletionSource? gate))
        {
            await gate.Task;
        }

        return _fault is null
            ? keys.Where(key => key.Length == 1).ToDictionary(key => key, key => new List<string> { key + "1", key + "2" })
            : throw _fault;
    }
}
