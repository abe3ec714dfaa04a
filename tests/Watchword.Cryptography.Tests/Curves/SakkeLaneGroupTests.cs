using System.Numerics;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Curves;

/// <summary>Four points at a time against one point at a time, with ordinary and exceptional lanes side by side.</summary>
public sealed class SakkeLaneGroupTests
{
    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly SakkePoint A = SakkePointTests.Multiple(Order / 3);

    private static readonly SakkePoint B = SakkePointTests.Multiple(Order / 7);

    /// <summary>Ordinary, equal, opposite, with infinity on either side and on both.</summary>
    private static readonly (SakkePoint Left, SakkePoint Right)[] Pairs =
    [
        (A, B), (A, A), (B, A), (A, -A), (A.Double(), A), (SakkePoint.Identity, B), (B, B), (B, SakkePoint.Identity),
        (-B, B), (SakkePoint.Identity, SakkePoint.Identity), (A + B, -A), (SakkeCurve.Generator, A), (A, A.Double()),
    ];

    [Fact]
    public void Addition_is_complete_in_every_lane() => EachWindow(Pairs, pairs =>
    {
        SakkeQuadPoint sum = Quad([.. pairs.Select(pair => Scaled(pair.Left, 5))]);
        SakkeLaneGroup.Add(ref sum, Quad([.. pairs.Select(pair => Scaled(pair.Right, 7))]));
        Check(sum, lane => pairs[lane].Left + pairs[lane].Right);
    });

    [Fact]
    public void Doubling_is_complete_in_every_lane() => EachWindow(Pairs, pairs =>
    {
        SakkeQuadPoint point = Quad([.. pairs.Select(pair => Scaled(pair.Right, 11))]);
        SakkeLaneGroup.Double(ref point);
        Check(point, lane => pairs[lane].Right.Double());
    });

    [Fact]
    public void Addition_of_an_entry_is_complete_in_every_lane() =>
        EachWindow([.. Pairs.Where(pair => !pair.Right.IsIdentity().Reveal())], pairs =>
        {
            SakkeQuadPoint sum = Quad([.. pairs.Select(pair => Scaled(pair.Left, 13))]);
            SakkeLaneGroup.AddEntry(ref sum, Entry([.. pairs.Select(pair => pair.Right)]));
            Check(sum, lane => pairs[lane].Left + pairs[lane].Right);
        });

    [Fact]
    public void A_long_sum_of_entries_stays_right()
    {
        SakkeQuadEntry entry = Entry([A, B, -A, SakkeCurve.Generator]);
        SakkeLaneGroup.FromEntry(entry, out SakkeQuadPoint sum);
        SakkePoint[] expected = [A, B, -A, SakkeCurve.Generator];
        for (int i = 0; i < 40; i++)
        {
            if (i % 5 == 4)
            {
                SakkeLaneGroup.Double(ref sum);
            }
            else
            {
                SakkeLaneGroup.AddEntry(ref sum, entry);
            }

            SakkePoint[] addends = [A, B, -A, SakkeCurve.Generator];
            expected = [.. expected.Select((point, lane) => i % 5 == 4 ? point.Double() : point + addends[lane])];
        }

        Check(sum, lane => expected[lane]);
    }

    [Fact]
    public void Points_and_entries_are_negated_in_the_lanes_of_the_mask()
    {
        SakkePoint[] points = [A, B, A + B, SakkeCurve.Generator];
        SakkeQuadPoint negative = Quad(points);
        SakkeLaneGroup.Negate(ref negative);
        Check(negative, lane => -points[lane]);
        for (int mask = 0; mask < 16; mask++)
        {
            SakkeQuadEntry entry = Entry(points);
            Vector256<ulong> lanes = SakkeQuadTests.Mask(mask);
            SakkeLaneGroup.NegateEntry(ref entry, lanes);
            SakkeLaneGroup.FromEntry(entry, out SakkeQuadPoint point);
            int bits = mask;
            Check(point, lane => (bits >> lane & 1) == 1 ? -points[lane] : points[lane]);
        }
    }

    [Fact]
    public void Lanes_add_up_even_where_they_are_equal_opposite_or_infinite()
    {
        foreach (SakkePoint[] points in new SakkePoint[][]
        {
            [A, B, A + B, SakkeCurve.Generator], [A, A, A, A], [A, -A, B, -B], [A, SakkePoint.Identity, SakkePoint.Identity, -A],
            [SakkePoint.Identity, SakkePoint.Identity, SakkePoint.Identity, SakkePoint.Identity], [A, B, A, B], [A, B, -B, -A],
        })
        {
            SakkeQuadPoint sum = Quad([.. points.Select((point, lane) => Scaled(point, lane + 2))]);
            SakkeLaneGroup.SumLanes(ref sum);
            SakkePoint expected = points[0] + points[1] + (points[2] + points[3]);
            Check(sum, _ => expected);
        }
    }

    [Fact]
    public void Sums_become_entries_with_one_inversion()
    {
        SakkePoint[][] points = [[A, B, A + B, -A], [B, B, B, A.Double()], [SakkeCurve.Generator, A, -B, B.Double()]];
        SakkeQuadPoint[] sums = [.. points.Select(four => Quad([.. four.Select((point, lane) => Scaled(point, 3 + lane))]))];
        SakkeQuadEntry[] entries = new SakkeQuadEntry[3];
        SakkeLaneGroup.ToEntriesVarTime(sums, entries);
        for (int i = 0; i < 3; i++)
        {
            SakkeLaneGroup.FromEntry(entries[i], out SakkeQuadPoint point);
            int index = i;
            Check(point, lane => points[index][lane]);
        }
    }

    [Fact]
    public void One_point_fills_all_lanes_and_clearing_leaves_none()
    {
        SakkeQuadPoint point = SakkeQuadPoint.Broadcast(A);
        Check(point, _ => A);
        point.Clear();
        (point.GetLane(0).X.IsZero() & point.GetLane(1).Y.IsZero() & point.GetLane(3).Z.IsZero()).Reveal().ShouldBeTrue();
    }

    internal static SakkeQuadPoint Quad(SakkePoint[] points) => new()
    {
        X = SakkeQuad.FromElements(points[0].X, points[1].X, points[2].X, points[3].X),
        Y = SakkeQuad.FromElements(points[0].Y, points[1].Y, points[2].Y, points[3].Y),
        Z = SakkeQuad.FromElements(points[0].Z, points[1].Z, points[2].Z, points[3].Z),
    };

    private static SakkeQuadEntry Entry(SakkePoint[] points)
    {
        SakkeAffinePoint[] affine = [.. points.Select(point => SakkeAffinePoint.From(point))];
        return new SakkeQuadEntry
        {
            X = SakkeQuad.FromElements(affine[0].X, affine[1].X, affine[2].X, affine[3].X),
            Y = SakkeQuad.FromElements(affine[0].Y, affine[1].Y, affine[2].Y, affine[3].Y),
        };
    }

    /// <summary>The same point by other projective coordinates.</summary>
    private static SakkePoint Scaled(SakkePoint point, int factor)
    {
        SakkeElement scale = SakkeQuadTests.Element(factor).Invert();
        return new SakkePoint { X = point.X * scale, Y = point.Y * scale, Z = point.Z * scale };
    }

    /// <summary>Every four neighbours of the list, so that each case is in each lane beside others.</summary>
    private static void EachWindow(
        (SakkePoint Left, SakkePoint Right)[] pairs, Action<(SakkePoint Left, SakkePoint Right)[]> check)
    {
        for (int i = 0; i < pairs.Length; i++)
        {
            int start = i;
            check([.. Enumerable.Range(0, 4).Select(lane => pairs[(start + lane) % pairs.Length])]);
        }
    }

    private static void Check(SakkeQuadPoint actual, Func<int, SakkePoint> expected)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            SakkePoint point = actual.GetLane(lane);
            point.IsOnCurve().Reveal().ShouldBeTrue($"lane {lane}");
            SakkePoint.AreEqual(point, expected(lane)).Reveal().ShouldBeTrue($"lane {lane}");
        }
    }
}
