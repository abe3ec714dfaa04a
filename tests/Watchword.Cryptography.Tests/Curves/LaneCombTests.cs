using System.Numerics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Curves;

public sealed class LaneCombTests
{
    private const int Lanes = 4;
    private const int Teeth = 5;

    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly SakkePoint Basis = SakkePointTests.Multiple(Order / 3);

    /// <summary>What a digit may be at its limits: few bits, all bits, one bit, the middle.</summary>
    private static readonly BigInteger[] Scalars =
    [
        0, 1, 2, 3, Order - 1, Order - 2, Order - 3, (Order - 1) / 2, (Order + 1) / 2, BigInteger.One << 64,
        BigInteger.One << 511, (BigInteger.One << 512) - 1, BigInteger.One << 1021, (BigInteger.One << 1021) - 1,
        (BigInteger.One << 1021) + 1, Order / 5,
    ];

    private static readonly SakkePoint[] Products = [.. Scalars.Select(scalar =>
        VarTimeMultiplication.Multiply(Basis, scalar.ToWords(16)))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(13)]
    public void A_product_is_right_in_every_lane(int columns)
    {
        SakkeComb comb = Comb(Basis, columns);
        comb.Columns.ShouldBe(columns);
        comb.SizeInBytes.ShouldBe(SakkeComb.EstimateSizeInBytes(SakkeCurve.ScalarBits, columns));
        for (int i = 0; i < Scalars.Length; i++)
        {
            comb.Multiply(Scalars[i].ToWords(16), out SakkeQuadPoint product);
            CheckLanes(product, Products[i], $"{columns} columns, scalar {i}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(13)]
    public void A_sum_of_products_is_right_in_every_lane(int columns)
    {
        SakkeComb comb = Comb(Basis, columns);
        SakkeComb other = Comb(SakkeCurve.Generator, columns);
        for (int i = 0; i < Scalars.Length; i++)
        {
            // With another base, and twice with one base: another scalar, the same one, its negative.
            int j = (5 * i + 3) % Scalars.Length;
            BigInteger negative = Scalars[i].IsZero ? 0 : Order - Scalars[i];
            comb.MultiplyAdd(Scalars[i].ToWords(16), other, Scalars[j].ToWords(16), out SakkeQuadPoint sum);
            CheckLanes(sum, Products[i] + SakkePointTests.Multiple(Scalars[j]), $"scalars {i} and {j}, two bases");
            comb.MultiplyAdd(Scalars[i].ToWords(16), comb, Scalars[j].ToWords(16), out sum);
            CheckLanes(sum, Products[i] + Products[j], $"scalars {i} and {j}");
            comb.MultiplyAdd(Scalars[i].ToWords(16), comb, Scalars[i].ToWords(16), out sum);
            CheckLanes(sum, Products[i].Double(), $"scalar {i} twice");
            comb.MultiplyAdd(Scalars[i].ToWords(16), comb, negative.ToWords(16), out sum);
            CheckLanes(sum, SakkePoint.Identity, $"scalar {i} and its negative");
        }
    }

    [Fact]
    public void Combs_of_different_shapes_do_not_add() => Should.Throw<ArgumentException>(() =>
        Comb(Basis, 2).MultiplyAdd(BigInteger.One.ToWords(16), Comb(Basis, 4), BigInteger.One.ToWords(16), out _));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(11)]
    [InlineData(13)]
    public void The_signs_recompose_the_scalar(int columns)
    {
        SakkeComb comb = Comb(Basis, columns);
        int count = Lanes * comb.SubCombs * Teeth * columns;
        foreach (BigInteger scalar in Scalars)
        {
            ulong[] signs = new ulong[comb.SignWords];
            signs.AsSpan().Fill(0xAAAAAAAAAAAAAAAA);
            comb.ToSigns(scalar.ToWords(16), signs);
            BigInteger sum = 0;
            for (int i = 0; i < count; i++)
            {
                BigInteger power = BigInteger.One << i;
                sum += (signs[i / 64] >> (i % 64) & 1) == 1 ? power : -power;
            }

            sum.Modulo(Order).ShouldBe(scalar);
            BigInteger.Abs(sum).ShouldBeLessThanOrEqualTo(Order, "signs of a number below the order: k itself or order - k");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(13)]
    public void The_entries_of_all_digits_add_up_to_the_product(int columns)
    {
        SakkeComb comb = Comb(Basis, columns);
        foreach (int index in new[] { 1, 4, Scalars.Length - 1 })
        {
            ulong[] signs = new ulong[comb.SignWords];
            comb.ToSigns(Scalars[index].ToWords(16), signs);
            SakkePoint sum = SakkePoint.Identity;
            for (int column = columns - 1; column >= 0; column--)
            {
                sum = sum.Double();
                for (int subComb = 0; subComb < comb.SubCombs; subComb++)
                {
                    comb.GetEntry(signs, subComb, column, out SakkeQuadEntry entry);
                    SakkeLaneGroup.FromEntry(entry, out SakkeQuadPoint point);
                    for (int lane = 0; lane < Lanes; lane++)
                    {
                        sum += point.GetLane(lane);
                    }
                }
            }

            SakkePoint.AreEqual(sum, Products[index]).Reveal().ShouldBeTrue();
        }
    }

    [Fact]
    public void Every_shape_of_a_table_gives_a_comb_that_works()
    {
        for (int columns = 1; columns <= 13; columns++)
        {
            SakkeComb comb = SakkeCurve.CreateComb(Basis, columns);
            comb.SizeInBytes.ShouldBe(SakkeComb.EstimateSizeInBytes(SakkeCurve.ScalarBits, columns));
            comb.Multiply(Scalars[^1].ToWords(16), out SakkeQuadPoint product);
            CheckLanes(product, Products[^1], $"{columns} columns");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Powers_of_a_pairing_value_are_right_in_every_lane(int columns)
    {
        TargetGroupElement basis = SakkeTargetGroup.Generator.Double() + SakkeTargetGroup.Generator;
        LaneComb<TargetLaneGroup, TargetQuad, TargetQuadEntry> comb = new(TargetQuad.Broadcast(basis), SakkeOrder.Value, columns);
        foreach (BigInteger scalar in Scalars)
        {
            TargetGroupElement expected = VarTimeMultiplication.Multiply(basis, scalar.ToWords(16));
            comb.Multiply(scalar.ToWords(16), out TargetQuad power);
            for (int lane = 0; lane < Lanes; lane++)
            {
                TargetGroupElement.AreEqual(power.GetLane(lane), expected).Reveal().ShouldBeTrue();
            }
        }
    }

    private static SakkeComb Comb(SakkePoint basis, int columns) =>
        new(SakkeQuadPoint.Broadcast(basis), SakkeOrder.Value, columns);

    private static void CheckLanes(SakkeQuadPoint actual, SakkePoint expected, string what)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            SakkePoint point = actual.GetLane(lane);
            point.IsOnCurve().Reveal().ShouldBeTrue(what);
            SakkePoint.AreEqual(point, expected).Reveal().ShouldBeTrue($"{what}, lane {lane}");
        }
    }
}
