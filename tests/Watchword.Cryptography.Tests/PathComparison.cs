using System.Globalization;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Tests.Arithmetic;

namespace Watchword.Cryptography.Tests;

/// <summary>
/// Random comparisons of one way to compute with another: as many as the environment variable WATCHWORD_COMPARISONS says, 200
/// if it says nothing. One is one result computed twice.
/// </summary>
public sealed class PathComparison(ITestOutputHelper output)
{
    private const string Variable = "WATCHWORD_COMPARISONS";
    private const int DefaultCount = 200;

    private static readonly byte[] SharedSecret = RandomNumberGenerator.GetBytes(SakkePublicKey.SharedSecretSizeInBytes);

    private readonly SortedDictionary<string, int> counts = [];
    private SakkeMasterKey master = SakkeMasterKey.Generate();
    private int total;

    [Fact]
    public void Every_way_gives_the_same()
    {
        int wanted = int.TryParse(
            Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? count : DefaultCount;
        SakkeComb[] combs = [.. new[] { 1, 3, 4, 7, 13 }.Select(columns =>
            new SakkeComb(SakkeQuadPoint.Broadcast(SakkeCurve.Generator), SakkeOrder.Value, columns))];
        for (int round = 0; total < wanted; round++)
        {
            int size = Math.Min(wanted - total < 300 ? 12 : SakkeBatch.MaximalCount, SakkeBatch.MinimalCount + (round * 7 % 55));
            CompareBatches(size);
            CompareCombs(combs[round % combs.Length], size);
            ComparePowers(size);
            CompareMultiplications(size);
            if (round % 20 == 19)
            {
                ComparePairings();
                master.Dispose();
                master = SakkeMasterKey.Generate();
            }
        }

        master.Dispose();
        foreach ((string kind, int number) in counts)
        {
            output.WriteLine($"{number,8} {kind}");
        }

        output.WriteLine($"{total,8} in all");
        total.ShouldBeGreaterThanOrEqualTo(wanted);
    }

    private void CompareBatches(int size)
    {
        ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, size).Select(_ =>
            (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(200)))];
        byte[] keys = new byte[size * SakkeReceiverKey.SizeInBytes];
        byte[] encapsulated = new byte[size * SakkePublicKey.EncapsulatedSizeInBytes];
        master.IssueReceiverKeys(identities, keys);
        master.PublicKey.EncapsulateSecretToAll(identities, SharedSecret, encapsulated);
        byte[] key = new byte[SakkeReceiverKey.SizeInBytes];
        byte[] message = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        for (int i = 0; i < size; i++)
        {
            master.IssueReceiverKey(identities[i].Span, key);
            Count("keys issued alone and in a batch", key.AsSpan().SequenceEqual(
                keys.AsSpan(i * key.Length, key.Length)), identities[i]);
            master.PublicKey.EncapsulateSecret(identities[i].Span, SharedSecret, message);
            Count("messages made alone and in a batch", message.AsSpan().SequenceEqual(
                encapsulated.AsSpan(i * message.Length, message.Length)), identities[i]);
        }
    }

    private void CompareCombs(SakkeComb comb, int size)
    {
        for (int i = 0; i < size; i++)
        {
            byte[] octets = RandomNumberGenerator.GetBytes(160);
            SakkeScalar scalar = SakkeScalar.FromOctets(octets);
            Count($"multiples by the usual comb and by one of {comb.Columns} columns", SakkePoint.AreEqual(
                SakkeCurve.MultiplyGenerator(scalar), SakkeCurve.Multiply(comb, scalar)).Reveal(), octets);
        }
    }

    private void ComparePowers(int size)
    {
        Span<ulong> words = stackalloc ulong[16];
        for (int i = 0; i < size; i++)
        {
            byte[] octets = RandomNumberGenerator.GetBytes(160);
            SakkeScalar scalar = SakkeScalar.FromOctets(octets);
            scalar.CopyIntegerTo(words);
            Count("powers by the comb and by windows", TargetGroupElement.AreEqual(
                SakkeTargetGroup.PowerOfGenerator(scalar),
                VarTimeMultiplication.Multiply(SakkeTargetGroup.Generator, words)).Reveal(), octets);
        }
    }

    private void CompareMultiplications(int size)
    {
        ulong[] one = new ulong[16];
        ulong[] other = new ulong[16];
        for (int i = 0; i < size && ArithmeticPath.ProcessorHasVectors; i++)
        {
            (Quad1024 left, Quad1024 right) = (RandomQuad(2), RandomQuad(i % 4 < 2 ? 2 : 1));
            Quad1024 vectors, limbs;
            string kind;
            if (i % 2 == 0)
            {
                kind = "products with vectors and without";
                QuadMultiplication.Multiply(left, right, Quads.Modulus, out vectors);
                QuadPortable.Multiply(left, right, Quads.Modulus, out limbs);
            }
            else
            {
                kind = "sums of products with vectors and without";
                (right, Quad1024 third, Quad1024 fourth) = (RandomQuad(1), RandomQuad(1), RandomQuad(1));
                QuadMultiplication.MultiplyAdd(left, right, third, fourth, Quads.Modulus, out vectors);
                QuadPortable.MultiplyAdd(left, right, third, fourth, Quads.Modulus, out limbs);
            }

            for (int lane = 0; lane < Quad1024.Lanes; lane++)
            {
                QuadPortable.ReadLane(vectors, lane, Quads.Modulus, one);
                QuadPortable.ReadLane(limbs, lane, Quads.Modulus, other);
                Count(kind, one.AsSpan().SequenceEqual(other), default, () =>
                    $"{string.Join(' ', Quads.Digits(left, 0))} / {string.Join(' ', Quads.Digits(right, 0))}");
            }
        }
    }

    private void ComparePairings()
    {
        SakkeScalar a = SakkeScalar.FromOctets(RandomNumberGenerator.GetBytes(160));
        SakkeScalar b = SakkeScalar.FromOctets(RandomNumberGenerator.GetBytes(160));
        SakkeAffinePoint left = SakkeAffinePoint.From(SakkeCurve.MultiplyGenerator(a));
        SakkeAffinePoint right = SakkeAffinePoint.From(SakkeCurve.MultiplyGenerator(b));
        MillerLines.TryCreate(left, out MillerLines? lines).ShouldBeTrue();
        using (lines)
        {
            TargetGroupElement stored = TatePairing.Pair(lines!, right);
            Count("pairings with lines and without", TargetGroupElement.AreEqual(
                stored, TatePairing.Pair(left, right)).Reveal(), default);
            Count("pairings and powers", TargetGroupElement.AreEqual(
                stored, SakkeTargetGroup.PowerOfGenerator(a * b)).Reveal(), default);
        }
    }

    /// <summary>Digits of the bound: uniform, or all near the limit with random signs.</summary>
    private static Quad1024 RandomQuad(int bound)
    {
        byte[] octets = RandomNumberGenerator.GetBytes(8 * 4 * Quads.Count);
        bool extreme = (octets[0] & 7) == 0;
        long limit = bound * Quads.Limit;
        long[][] lanes = new long[4][];
        for (int lane = 0; lane < 4; lane++)
        {
            int offset = 8 * lane * Quads.Count;
            lanes[lane] = Quads.Filled(i =>
            {
                long random = BitConverter.ToInt64(octets, offset + (8 * i));
                long own = i == Quads.Count - 1 ? bound * (1L << 37) : limit;
                return extreme ? Math.Sign(random) * (own - (random & 3)) : (random >> 1) % own;
            });
        }

        return Quads.FromDigits(lanes);
    }

    private void Count(string kind, bool same, ReadOnlyMemory<byte> input, Func<string>? describe = null)
    {
        counts[kind] = counts.GetValueOrDefault(kind) + 1;
        total++;
        if (!same)
        {
            Assert.Fail($"{kind}: {describe?.Invoke() ?? Convert.ToHexString(input.Span)}");
        }
    }
}
