using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;
using Watchword.Cryptography.Tests.Curves;
using Watchword.Cryptography.Tests.Pairing;

namespace Watchword.Cryptography.Tests.Sakke;

/// <summary>Receiver keys with their tables and without: the same results, and a budget that adds up.</summary>
[Collection(PrecomputationSettings.Name)]
public sealed class ReceiverTablesTests : IDisposable
{
    private static readonly byte[] Identity = "bob, this period"u8.ToArray();

    private readonly SakkeMasterKey master = SakkeMasterKey.Generate();
    private readonly byte[] received = new byte[SakkePublicKey.SharedSecretSizeInBytes];
    private readonly long capacity = Precomputation.CapacityInBytes;
    private readonly int uses = Precomputation.UsesBeforeTable;
    private readonly int baseTableSize = Precomputation.BaseTableSizeInBytes;

    public ReceiverTablesTests()
    {
        // Keys of other tests that nobody disposed of give back their memory now, and not in the midst of a count.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public void Dispose()
    {
        Precomputation.CapacityInBytes = capacity;
        Precomputation.UsesBeforeTable = uses;
        Precomputation.BaseTableSizeInBytes = baseTableSize;
        master.Dispose();
    }

    [Fact]
    public void A_key_gives_the_same_before_and_after_its_tables_are_made()
    {
        Precomputation.UsesBeforeTable = int.MaxValue;
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        (byte[] Secret, byte[] Data)[] messages = [.. Enumerable.Range(0, 5).Select(_ => Encapsulate(Identity))];
        long before = ReceiverTables.UsedInBytes;
        for (int round = 0; round < 3; round++)
        {
            foreach ((byte[] secret, byte[] data) in messages)
            {
                key.TryDecapsulate(data, received).ShouldBeTrue();
                received.ShouldBe(secret);
            }

            ReceiverTables.UsedInBytes.ShouldBe(round == 0 ? before : before + OneTable());
            key.Precompute(); // The second time does nothing.
        }

        key.Validate().ShouldBeTrue();
    }

    [Fact]
    public void What_is_refused_is_refused_with_tables_and_without()
    {
        Precomputation.UsesBeforeTable = int.MaxValue;
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        using SakkeReceiverKey other = master.IssueReceiverKey([.. Identity, 1]);
        (byte[] secret, byte[] data) = Encapsulate(Identity);
        (string Name, byte[] Data)[] mutated = Mutated(data);
        for (int round = 0; round < 2; round++)
        {
            string way = round == 0 ? "without tables" : "with tables";
            foreach ((string name, byte[] bad) in mutated)
            {
                Refused(key, bad, $"{name}, {way}");
            }

            Refused(other, data, $"another identity, {way}");
            key.TryDecapsulate(data, received).ShouldBeTrue();
            received.ShouldBe(secret);
            key.Precompute();
            other.Precompute();
        }
    }

    [Fact]
    public void The_tables_are_made_at_the_use_that_the_settings_say()
    {
        Precomputation.UsesBeforeTable = 2;
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        (_, byte[] data) = Encapsulate(Identity);
        long before = ReceiverTables.UsedInBytes;
        key.TryDecapsulate(data, received).ShouldBeTrue();
        ReceiverTables.UsedInBytes.ShouldBe(before);
        key.TryDecapsulate(data, received).ShouldBeTrue();
        ReceiverTables.UsedInBytes.ShouldBe(before + OneTable());
        key.TryDecapsulate(data, received).ShouldBeTrue();
    }

    [Fact]
    public void A_disposed_key_gives_back_its_memory_and_does_nothing_more()
    {
        long before = ReceiverTables.UsedInBytes;
        SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        (_, byte[] data) = Encapsulate(Identity);
        key.Precompute();
        ReceiverTables.UsedInBytes.ShouldBeGreaterThan(before);
        key.Dispose();
        ReceiverTables.UsedInBytes.ShouldBe(before);
        Should.Throw<ObjectDisposedException>(() => key.TryDecapsulate(data, received));
        Should.Throw<ObjectDisposedException>(key.Precompute);
        Should.Throw<ObjectDisposedException>(() => key.Validate());
        Should.Throw<ObjectDisposedException>(() => key.Export(new byte[SakkeReceiverKey.SizeInBytes]));
        key.Dispose();
        ReceiverTables.UsedInBytes.ShouldBe(before);
    }

    [Fact]
    public void A_key_that_nobody_disposes_of_gives_back_its_memory_too()
    {
        long before = ReceiverTables.UsedInBytes;
        MakeAndForget();
        ReceiverTables.UsedInBytes.ShouldBeGreaterThan(before);
        for (int i = 0; i < 10 && ReceiverTables.UsedInBytes > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        ReceiverTables.UsedInBytes.ShouldBe(before);
    }

    [Fact]
    public void The_tables_of_the_fixed_bases_fit_into_what_is_kept_for_them()
    {
        // P with the fewest columns, which is as large as the setting allows; its short multiples, g and G as they are.
        long octets = SakkeComb.EstimateSizeInBytes(SakkeCurve.ScalarBits, 1) + SakkeComb.EstimateSizeInBytes(257, 1)
            + LaneComb<TargetLaneGroup, TargetQuad, TargetQuadEntry>.EstimateSizeInBytes(SakkeCurve.ScalarBits, 2)
            + P256.GeneratorComb.SizeInBytes;
        (octets + Precomputation.ReceiverRoomInBytes).ShouldBeLessThanOrEqualTo(Precomputation.CapacityInBytes / 2);
    }

    [Fact]
    public void Keys_that_find_no_room_work_without_tables()
    {
        Precomputation.CapacityInBytes = 7L << 20;
        Precomputation.UsesBeforeTable = 1;
        long before = ReceiverTables.UsedInBytes;
        List<SakkeReceiverKey> keys = [];
        long used;
        do
        {
            used = ReceiverTables.UsedInBytes;
            keys.Add(master.IssueReceiverKey([.. Identity, (byte)keys.Count]));
            keys[^1].Precompute();
        }
        while (ReceiverTables.UsedInBytes > used);
        ReceiverTables.UsedInBytes.ShouldBeLessThanOrEqualTo(Math.Max(before, (7L << 20) / 2 - (2L << 20)));
        keys.Count.ShouldBeLessThan(5);
        for (int i = 0; i < keys.Count; i++)
        {
            (byte[] secret, byte[] data) = Encapsulate([.. Identity, (byte)i]);
            keys[i].TryDecapsulate(data, received).ShouldBeTrue();
            received.ShouldBe(secret);
            data[^1] ^= 1;
            Refused(keys[i], data, $"key {i}");
        }

        keys.ForEach(key => key.Dispose());
        ReceiverTables.UsedInBytes.ShouldBe(before);
    }

    [Fact]
    public void A_key_that_was_refused_takes_no_memory()
    {
        long before = ReceiverTables.UsedInBytes;
        SakkePoint point = SakkePointTests.Sum(SakkePointTests.Multiple(99), SakkePointTests.Point((0, 0)));
        byte[] octets = new byte[SakkePoint.SizeInBytes];
        point.Encode(octets);
        using (SakkeReceiverKey key = new(master.PublicKey, Identity, new SecretOctets(octets)))
        {
            key.Precompute(); // No lines come of a point of another order.
            ReceiverTables.UsedInBytes.ShouldBe(before);
        }

        ReceiverTables.UsedInBytes.ShouldBe(before);
    }

    [Fact]
    public void Many_threads_make_the_tables_once()
    {
        Precomputation.UsesBeforeTable = 1;
        long before = ReceiverTables.UsedInBytes;
        long one = OneTable();
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        (byte[] secret, byte[] data) = Encapsulate(Identity);
        Parallel.For(0, 8, _ =>
        {
            byte[] own = new byte[SakkePublicKey.SharedSecretSizeInBytes];
            key.TryDecapsulate(data, own).ShouldBeTrue();
            own.ShouldBe(secret);
            key.Precompute();
        });
        ReceiverTables.UsedInBytes.ShouldBe(before + one);
    }

    [Theory]
    [InlineData(120_000)]
    [InlineData(165_000)]
    [InlineData(190_000)]
    [InlineData(1)]
    public void Small_base_tables_serve_a_public_key_as_well(int size)
    {
        // The table of P was made with the setting that the process had first; both tables must be of one shape.
        _ = SakkeCurve.GeneratorComb;
        Precomputation.BaseTableSizeInBytes = size;
        using SakkeMasterKey own = SakkeMasterKey.Generate();
        using SakkeReceiverKey key = own.IssueReceiverKey(Identity);
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] data = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        own.PublicKey.Encapsulate(Identity, secret, data);
        key.TryDecapsulate(data, received).ShouldBeTrue();
        received.ShouldBe(secret);
    }

    [Fact]
    public void The_table_of_an_identity_of_no_octets_does_not_stand_for_that_of_the_public_key()
    {
        // [0]P + Z_T is Z_T, but the two tables differ in shape.
        Precomputation.UsesBeforeTable = 1;
        (byte[] secret, byte[] data) = Encapsulate([]);
        using SakkeReceiverKey nobody = master.IssueReceiverKey([]);
        nobody.TryDecapsulate(data, received).ShouldBeTrue();
        received.ShouldBe(secret);

        Precomputation.UsesBeforeTable = int.MaxValue;
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        (secret, data) = Encapsulate(Identity);
        key.TryDecapsulate(data, received).ShouldBeTrue();
        received.ShouldBe(secret);
        ReadOnlyMemory<byte>[] identities = [.. Enumerable.Repeat((ReadOnlyMemory<byte>)Identity, SakkeBatch.MinimalCount)];
        byte[] batch = new byte[identities.Length * SakkePublicKey.EncapsulatedSizeInBytes];
        master.PublicKey.EncapsulateSecretToAll(identities, secret, batch);
        batch[..SakkePublicKey.EncapsulatedSizeInBytes].ShouldBe(data);
    }

    [Fact]
    public void Settings_outside_their_ranges_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Precomputation.CapacityInBytes = (4L << 20) - 1);
        Should.Throw<ArgumentOutOfRangeException>(() => Precomputation.BaseTableSizeInBytes = 0);
        Should.Throw<ArgumentOutOfRangeException>(() => Precomputation.UsesBeforeTable = 0);
        Precomputation.CapacityInBytes.ShouldBe(capacity);
    }

    private static (string Name, byte[] Data)[] Mutated(byte[] data)
    {
        byte[] point = new byte[SakkePoint.SizeInBytes];
        SakkePoint.TryDecode(data.AsSpan(0, SakkePoint.SizeInBytes), out SakkePoint r).ShouldBeTrue();
        (string Name, SakkePoint Point)[] points =
        [
            ("another point", SakkePointTests.Multiple(31337)), ("the negative of R", -r), ("2R", r.Double()),
            ("R and the point of order 2", SakkePointTests.Sum(r, SakkePointTests.Point((0, 0)))),
            ("R and a point of order 4", SakkePointTests.Sum(r, SakkePointTests.Point(SakkePointTests.PointOfOrder4()))),
        ];
        List<(string Name, byte[] Data)> mutated = [];
        foreach ((string name, SakkePoint other) in points)
        {
            other.Encode(point).Reveal().ShouldBeTrue();
            mutated.Add((name, [.. point, .. data[SakkePoint.SizeInBytes..]]));
        }

        foreach (SakkeAffinePoint foreign in MillerLinesTests.Foreign())
        {
            foreign.Encode(point);
            mutated.Add(("a foreign point", [.. point, .. data[SakkePoint.SizeInBytes..]]));
        }

        foreach (int octet in new[] { 0, 1, 128, 129, 256, 257, 264, 272 })
        {
            byte[] flipped = [.. data];
            flipped[octet] ^= 0x10;
            mutated.Add(($"octet {octet} flipped", flipped));
        }

        byte[] all = [.. data];
        all.AsSpan(1).Fill(0xFF);
        mutated.AddRange([
            ("coordinates above p", all), ("too short", data[..^1]), ("too long", [.. data, 0]), ("nothing", []),
            ("zeros", new byte[data.Length]),
            ("another H", [.. data[..SakkePoint.SizeInBytes], .. RandomNumberGenerator.GetBytes(16)]),
        ]);
        return [.. mutated];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeAndForget() => master.IssueReceiverKey(Identity).Precompute();

    private void Refused(SakkeReceiverKey key, byte[] data, string what)
    {
        received.AsSpan().Fill(0xAA);
        key.TryDecapsulate(data, received).ShouldBeFalse(what);
        received.ShouldBe(new byte[SakkePublicKey.SharedSecretSizeInBytes], what);
    }

    private (byte[] Secret, byte[] Data) Encapsulate(byte[] identity)
    {
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] data = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        master.PublicKey.Encapsulate(identity, secret, data);
        return (secret, data);
    }

    /// <summary>What the tables of one key take.</summary>
    private long OneTable()
    {
        long before = ReceiverTables.UsedInBytes;
        using SakkeReceiverKey key = master.IssueReceiverKey("another one"u8);
        key.Precompute();
        long size = ReceiverTables.UsedInBytes - before;
        size.ShouldBeInRange(500_000, 700_000);
        return size;
    }
}
