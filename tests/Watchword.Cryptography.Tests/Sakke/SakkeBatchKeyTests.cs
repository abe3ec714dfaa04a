using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Curves;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Sakke;

/// <summary>What is done for many identities at once is what is done for each.</summary>
public sealed class SakkeBatchKeyTests
{
    private const int Count = 130;

    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly BigInteger Secret = Order / 17;

    private static readonly SakkeMasterKey Master = SakkeMasterKey.Import(Secret.ToOctets(128));

    private static readonly byte[] SharedSecret = RandomNumberGenerator.GetBytes(SakkePublicKey.SharedSecretSizeInBytes);

    /// <summary>Names, among them one twice, none, a long one, and the octets of 0, of q and of q + 1.</summary>
    private static readonly ReadOnlyMemory<byte>[] Identities =
    [
        "twice"u8.ToArray(), "twice"u8.ToArray(), Array.Empty<byte>(), new byte[40], Order.ToOctets(128),
        (Order + 1).ToOctets(128), RandomNumberGenerator.GetBytes(300),
        .. Enumerable.Range(7, Count - 7).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"2026-07\0tel:+{i}\0")),
    ];

    private static readonly byte[][] ReceiverKeys = [.. Identities.Select(identity =>
    {
        byte[] key = new byte[SakkeReceiverKey.SizeInBytes];
        Master.IssueReceiverKey(identity.Span, key);
        return key;
    })];

    private static readonly byte[][] Encapsulated = [.. Identities.Select(identity =>
    {
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        Master.PublicKey.EncapsulateSecret(identity.Span, SharedSecret, encapsulated);
        return encapsulated;
    })];

    public static TheoryData<int, int> SizesAndThreads()
    {
        TheoryData<int, int> data = [];
        foreach (int size in new[] { 0, 1, 9, 10, 64, 65, Count })
        {
            foreach (int threads in new[] { 1, 2, -1 })
            {
                data.Add(size, threads);
            }
        }

        return data;
    }

    /// <summary>How many, which of them is bad, and on how many threads: alone, in the first and the last part.</summary>
    public static TheoryData<int, int, int> BadMembers => new()
    {
        { 1, 0, 1 }, { 9, 8, 1 }, { 10, 0, 1 }, { 64, 63, 1 }, { 65, 64, 1 }, { Count, 77, 1 }, { Count, 129, 2 },
        { Count, 64, 2 }, { Count, 0, -1 }, { 9, 3, 2 },
    };

    [Theory]
    [MemberData(nameof(SizesAndThreads))]
    public void Many_receiver_keys_are_those_issued_one_by_one(int size, int threads)
    {
        byte[] keys = Filled(size * SakkeReceiverKey.SizeInBytes);
        Master.IssueReceiverKeys(Identities.AsMemory(0, size), keys, threads);
        for (int i = 0; i < size; i++)
        {
            keys.AsSpan(i * SakkeReceiverKey.SizeInBytes, SakkeReceiverKey.SizeInBytes).SequenceEqual(ReceiverKeys[i])
                .ShouldBeTrue($"member {i}");
        }
    }

    [Theory]
    [MemberData(nameof(SizesAndThreads))]
    public void A_secret_to_many_is_that_to_each(int size, int threads)
    {
        byte[] encapsulated = Filled(size * SakkePublicKey.EncapsulatedSizeInBytes);
        Master.PublicKey.EncapsulateSecretToAll(Identities.AsMemory(0, size), SharedSecret, encapsulated, threads);
        for (int i = 0; i < size; i++)
        {
            encapsulated.AsSpan(i * SakkePublicKey.EncapsulatedSizeInBytes, SakkePublicKey.EncapsulatedSizeInBytes)
                .SequenceEqual(Encapsulated[i]).ShouldBeTrue($"member {i}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    public void Receiver_keys_as_objects_are_those_issued_one_by_one(int size)
    {
        SakkeReceiverKey[] keys = Master.IssueReceiverKeys(Identities.AsMemory(0, size));
        keys.Length.ShouldBe(size);
        byte[] expected = new byte[SakkeReceiverKey.SizeInBytes];
        byte[] rsk = new byte[SakkeReceiverKey.SizeInBytes];
        for (int i = 0; i < size; i++)
        {
            Master.IssueReceiverKey(Identities[i].Span, expected);
            keys[i].Export(rsk);
            rsk.ShouldBe(expected);
            keys[i].IsOnCurve().ShouldBeTrue();
            keys[i].Identity.SequenceEqual(Identities[i].Span).ShouldBeTrue();
            keys[i].Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(BadMembers))]
    public void An_identity_that_has_no_receiver_key_is_named_and_leaves_nothing(int size, int bad, int threads)
    {
        byte[] keys = Filled(size * SakkeReceiverKey.SizeInBytes);
        Should.Throw<CryptographicException>(() => Master.IssueReceiverKeys(WithBad(size, bad), keys, threads))
            .Message.ShouldContain($"index {bad} ");
        keys.AsSpan().ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(BadMembers))]
    public void An_identity_that_nothing_can_be_sent_to_is_named_and_leaves_nothing(int size, int bad, int threads)
    {
        byte[] encapsulated = Filled(size * SakkePublicKey.EncapsulatedSizeInBytes);
        Should.Throw<CryptographicException>(() =>
            Master.PublicKey.EncapsulateSecretToAll(WithBad(size, bad), SharedSecret, encapsulated, threads))
            .Message.ShouldContain($"index {bad} ");
        encapsulated.AsSpan().ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Fact]
    public void The_secret_may_lie_in_the_memory_of_the_messages()
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, 12).Select(i => (ReadOnlyMemory<byte>)new byte[] { (byte)i })];
        byte[] secret = [.. Enumerable.Range(1, SakkePublicKey.SharedSecretSizeInBytes).Select(i => (byte)i)];
        byte[] expected = new byte[identities.Length * SakkePublicKey.EncapsulatedSizeInBytes];
        master.PublicKey.EncapsulateSecretToAll(identities, secret, expected);
        byte[] shared = new byte[expected.Length];
        secret.CopyTo(shared, 100);
        master.PublicKey.EncapsulateSecretToAll(identities, shared.AsMemory(100, secret.Length), shared);
        shared.ShouldBe(expected);
    }

    [Fact]
    public void Spans_of_another_length_and_impossible_threads_are_refused()
    {
        SakkePublicKey key = Master.PublicKey;
        ReadOnlyMemory<ReadOnlyMemory<byte>> two = Identities.AsMemory(0, 2);
        foreach (int off in new[] { -1, 1, -SakkeReceiverKey.SizeInBytes })
        {
            Should.Throw<ArgumentException>(() =>
                Master.IssueReceiverKeys(two, new byte[(2 * SakkeReceiverKey.SizeInBytes) + off]));
            Should.Throw<ArgumentException>(() => key.EncapsulateSecretToAll(
                two, SharedSecret, new byte[(2 * SakkePublicKey.EncapsulatedSizeInBytes) + off]));
        }

        Should.Throw<ArgumentException>(() => Master.IssueReceiverKeys(default, new byte[1]));
        foreach (int length in new[] { 0, 15, 17 })
        {
            Should.Throw<ArgumentException>(() =>
                key.EncapsulateSecretToAll(two, new byte[length], new byte[2 * SakkePublicKey.EncapsulatedSizeInBytes]));
        }

        foreach (int threads in new[] { 0, -2 })
        {
            Should.Throw<ArgumentOutOfRangeException>(() =>
                Master.IssueReceiverKeys(two, new byte[2 * SakkeReceiverKey.SizeInBytes], threads));
            Should.Throw<ArgumentOutOfRangeException>(() => key.EncapsulateSecretToAll(
                two, SharedSecret, new byte[2 * SakkePublicKey.EncapsulatedSizeInBytes], threads));
            Should.Throw<ArgumentOutOfRangeException>(() => SakkeReceiverKey.ValidateAll(
                new[] { Key(0, ReceiverKeys[0]) }, new bool[1], threads));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Null_is_the_callers_fault(int threads) => Should.Throw<ArgumentException>(
        () => SakkeReceiverKey.ValidateAll(new SakkeReceiverKey[2], new bool[2], threads)).ParamName.ShouldBe("keys");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_disposed_master_secret_issues_nothing(int threads)
    {
        SakkeMasterKey master = SakkeMasterKey.Import(Secret.ToOctets(128));
        master.Dispose();
        byte[] keys = Filled(20 * SakkeReceiverKey.SizeInBytes);
        Should.Throw<ObjectDisposedException>(() => master.IssueReceiverKeys(Identities.AsMemory(0, 20), keys, threads));
        keys.AsSpan().ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public void Exactly_the_bad_keys_are_named(int threads)
    {
        byte[] offCurve = [.. ReceiverKeys[4]];
        offCurve[^1] ^= 1;
        SakkePoint point = Decode(ReceiverKeys[9]);
        SakkePoint order2 = SakkePointTests.Point((0, 0));
        SakkePoint order4 = SakkePointTests.Point(SakkePointTests.PointOfOrder4());
        using SakkeMasterKey other = SakkeMasterKey.Generate();
        SakkeReceiverKey[] keys =
        [
            Key(0, ReceiverKeys[0]),
            Key(1, ReceiverKeys[1]), // The same identity as before.
            Key(7, ReceiverKeys[8]), // Another one's.
            Key(8, ReceiverKeys[8]),
            Key(4, offCurve),
            Key(9, Encode(SakkePointTests.Sum(point, order2))),
            Key(9, Encode(SakkePointTests.Sum(point, order4))),
            Key(9, Encode(order2)),
            Key(9, Encode(-point)),
            Key(9, ReceiverKeys[9]),
            new SakkeReceiverKey(other.PublicKey, Identities[9].Span, new SecretOctets(ReceiverKeys[9])),
            Key(10, new byte[SakkeReceiverKey.SizeInBytes]),
            other.IssueReceiverKey(Identities[2].Span),
        ];
        bool[] expected = [true, true, false, true, false, false, false, false, false, true, false, false, true];
        bool[] valid = new bool[keys.Length];
        SakkeReceiverKey.ValidateAll(keys, valid, threads).ShouldBeFalse();
        valid.ShouldBe(expected);

        SakkeReceiverKey[] good = [.. keys.Where((_, i) => expected[i])];
        valid = new bool[good.Length];
        SakkeReceiverKey.ValidateAll(good, valid, threads).ShouldBeTrue();
        valid.ShouldAllBe(verdict => verdict);
        SakkeReceiverKey.ValidateAll(default, default, threads).ShouldBeTrue();
        Should.Throw<ArgumentException>(() => SakkeReceiverKey.ValidateAll(good, new bool[good.Length + 1], threads));
        good[2].Dispose();
        Should.Throw<ObjectDisposedException>(() => SakkeReceiverKey.ValidateAll(good, valid, threads));
    }

    private static SakkeReceiverKey Key(int identity, byte[] rsk) =>
        new(Master.PublicKey, Identities[identity].Span, new SecretOctets(rsk));

    private static SakkePoint Decode(byte[] octets)
    {
        SakkePoint.TryDecode(octets, out SakkePoint point).ShouldBeTrue();
        return point;
    }

    private static byte[] Encode(SakkePoint point)
    {
        byte[] octets = new byte[SakkePoint.SizeInBytes];
        point.Encode(octets).Reveal().ShouldBeTrue();
        return octets;
    }

    /// <summary>So many identities, one of which, as an integer, is the negative of the master secret: q - z or 2q - z.</summary>
    private static ReadOnlyMemory<ReadOnlyMemory<byte>> WithBad(int size, int bad)
    {
        ReadOnlyMemory<byte>[] identities = [.. Identities[..size]];
        identities[bad] = ((bad % 2 == 0 ? Order : 2 * Order) - Secret).ToOctets(128);
        return identities;
    }

    private static byte[] Filled(int size)
    {
        byte[] octets = new byte[size];
        octets.AsSpan().Fill(0xAA);
        return octets;
    }
}
