using System.Numerics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Curves;

public sealed class SakkeBatchTests
{
    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly SakkePoint OtherBase = SakkePointTests.Multiple(Order / 5);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(10, 2)]
    [InlineData(63, 2)]
    [InlineData(64, 2)]
    [InlineData(10, 1)]
    [InlineData(10, 4)]
    [InlineData(20, 7)]
    [InlineData(64, 13)]
    public void A_batch_is_its_members_one_by_one(int count, int columns)
    {
        SakkeComb comb = Comb(SakkeCurve.Generator, columns);
        SakkeComb other = Comb(OtherBase, columns);
        for (int round = 0; round < Math.Max(1, 64 / count / columns); round++)
        {
            SakkeScalar[] scalars = RandomScalars(count);
            SakkeScalar[] otherScalars = RandomScalars(count);
            SakkeAffinePoint[] products = new SakkeAffinePoint[count];
            SakkeBatch.TryMultiply(comb, scalars, null, [], products).ShouldBeTrue();
            for (int i = 0; i < count; i++)
            {
                Octets(products[i]).ShouldBe(Octets(SakkeCurve.Multiply(comb, scalars[i])), $"member {i}");
            }

            SakkeBatch.TryMultiply(comb, scalars, other, otherScalars, products).ShouldBeTrue();
            for (int i = 0; i < count; i++)
            {
                SakkePoint expected = SakkeCurve.MultiplyAdd(comb, scalars[i], other, otherScalars[i]);
                Octets(products[i]).ShouldBe(Octets(expected), $"member {i} of two bases");
            }
        }
    }

    /// <summary>A sum of hundreds of terms has an abscissa that nothing but a reduction keeps small.</summary>
    [Fact]
    public void Many_batches_over_two_bases_have_no_wrong_member()
    {
        SakkeComb comb = Comb(SakkeCurve.Generator, 2);
        SakkeComb other = Comb(OtherBase, 2);
        for (int round = 0; round < 6; round++)
        {
            SakkeScalar[] scalars = RandomScalars(SakkeBatch.MaximalCount);
            SakkeScalar[] otherScalars = RandomScalars(SakkeBatch.MaximalCount);
            SakkeAffinePoint[] products = new SakkeAffinePoint[SakkeBatch.MaximalCount];
            SakkeBatch.TryMultiply(comb, scalars, other, otherScalars, products).ShouldBeTrue();
            for (int i = 0; i < products.Length; i++)
            {
                SakkePoint expected = SakkeCurve.MultiplyAdd(comb, scalars[i], other, otherScalars[i]);
                Octets(products[i]).ShouldBe(Octets(expected), $"member {i} of round {round}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(13)]
    public void A_sum_that_meets_its_entry_gives_nothing(int columns)
    {
        SakkeComb comb = Comb(SakkeCurve.Generator, columns);
        SakkeScalar[] scalars = RandomScalars(12);
        SakkeScalar[] otherScalars = RandomScalars(12);
        otherScalars[7] = scalars[7];
        Refused(comb, scalars, comb, otherScalars);

        // The first entries of k and of order - k are opposite.
        otherScalars[7] = -scalars[7];
        Refused(comb, scalars, comb, otherScalars);
    }

    [Fact]
    public void An_infinite_product_gives_nothing()
    {
        SakkeScalar[] scalars = RandomScalars(12);
        scalars[11] = default;
        Refused(SakkeCurve.GeneratorComb, scalars, null, []);
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 2)]
    public void Two_combs_of_different_shape_are_refused(int columns, int otherColumns)
    {
        SakkeScalar[] scalars = RandomScalars(12);
        Should.Throw<ArgumentException>(() => SakkeBatch.TryMultiply(
            Comb(SakkeCurve.Generator, columns), scalars, Comb(OtherBase, otherColumns), scalars, new SakkeAffinePoint[12]));
    }

    private static void Refused(
        SakkeComb comb, SakkeScalar[] scalars, SakkeComb? other, ReadOnlySpan<SakkeScalar> otherScalars)
    {
        SakkeAffinePoint mark = SakkeAffinePoint.From(OtherBase);
        SakkeAffinePoint[] products = new SakkeAffinePoint[scalars.Length];
        products.AsSpan().Fill(mark);
        SakkeBatch.TryMultiply(comb, scalars, other, otherScalars, products).ShouldBeFalse();
        products.ShouldAllBe(product => Octets(product).SequenceEqual(Octets(mark)));
    }

    private static SakkeComb Comb(SakkePoint basis, int columns) =>
        new(SakkeQuadPoint.Broadcast(basis), SakkeOrder.Value, columns);

    private static SakkeScalar[] RandomScalars(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => SakkeScalar.FromOctets(RandomNumberGenerator.GetBytes(160)))];

    private static byte[] Octets(SakkeAffinePoint point)
    {
        byte[] octets = new byte[SakkePoint.SizeInBytes];
        point.Encode(octets);
        return octets;
    }

    private static byte[] Octets(SakkePoint point)
    {
        byte[] octets = new byte[SakkePoint.SizeInBytes];
        point.Encode(octets).Reveal().ShouldBeTrue();
        return octets;
    }
}
