using System.Buffers;
using System.Collections.Concurrent;

namespace Watchword.Cryptography.Tests;

public sealed class BatchWorkTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(129)]
    [InlineData(1000)]
    public void Parts_cover_every_member_once_and_are_no_larger_than_asked(int count)
    {
        foreach (int threads in new[] { 1, 2, 3, 7, 200, -1 })
        {
            ConcurrentBag<(int First, int Count)> parts = [];
            BatchWork.Run(new Recording(parts), count, partSize: 64, threads);
            parts.ShouldAllBe(part => part.Count >= 1 && part.Count <= 64);
            parts.SelectMany(part => Enumerable.Range(part.First, part.Count)).Order().ShouldBe(Enumerable.Range(0, count));
        }
    }

    [Fact]
    public void The_largest_batches_have_parts_as_well()
    {
        ConcurrentBag<(int First, int Count)> parts = [];
        BatchWork.Run(new Recording(parts), int.MaxValue, partSize: 1 << 30, maxDegreeOfParallelism: 1);
        parts.Order().ShouldBe([(0, 1 << 30), (1 << 30, int.MaxValue - (1 << 30))]);
    }

    [Fact]
    public void Batches_whose_results_no_array_could_hold_are_refused()
    {
        // 257 times as many octets are 256 modulo 2^32, 273 times are 17.
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        const string name = "receiverKeys";
        Should.Throw<ArgumentException>(() => sakke.IssueReceiverKeys(Endless(16_711_936), new byte[256])).ParamName.ShouldBe(name);
        Should.Throw<ArgumentException>(() => sakke.PublicKey.EncapsulateSecretToAll(Endless(15_732_481), new byte[16], new byte[17]))
            .ParamName.ShouldBe("encapsulated");
        Should.Throw<ArgumentException>(() => eccsi.IssueSigningKeys(Endless(1 << 27), default, default))
            .ParamName.ShouldBe("ssks");
    }

    /// <summary>A memory that says a length and has nothing.</summary>
    private static ReadOnlyMemory<ReadOnlyMemory<byte>> Endless(int length) => new Nothing().OfLength(length);

    private readonly struct Recording(ConcurrentBag<(int First, int Count)> parts) : IBatchWork
    {
        public void Run(int first, int count) => parts.Add((first, count));
    }

    private sealed class Nothing : MemoryManager<ReadOnlyMemory<byte>>
    {
        public Memory<ReadOnlyMemory<byte>> OfLength(int length) => CreateMemory(length);

        public override Span<ReadOnlyMemory<byte>> GetSpan() => throw new InvalidOperationException("There is nothing.");

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
