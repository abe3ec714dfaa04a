using System.Numerics;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Pairing;

/// <summary>Four elements of PF_p at a time against one at a time.</summary>
public sealed class TargetLaneGroupTests
{
    private static readonly BigInteger Prime = ResidueLaws<UInt1024, SakkePrime>.Modulus;

    private static readonly TargetGroupElement[] Elements =
    [
        SakkeTargetGroup.Generator, Power(12345), Power(2), Power(98765),
    ];

    [Fact]
    public void Operations_are_right_in_every_lane()
    {
        TargetQuad sum = Quad(Elements);
        TargetLaneGroup.Add(ref sum, Quad([Elements[0], TargetGroupElement.Identity, Elements[3], Elements[3]]));
        Check(sum, lane => lane == 1 ? Elements[1] : Elements[lane] + Elements[lane == 0 ? 0 : 3]);
        TargetLaneGroup.Double(ref sum);
        Check(sum, lane => (lane == 1 ? Elements[1] : Elements[lane] + Elements[lane == 0 ? 0 : 3]).Double());

        TargetQuad negative = Quad(Elements);
        TargetLaneGroup.Negate(ref negative);
        TargetLaneGroup.Add(ref negative, Quad(Elements));
        Check(negative, _ => TargetGroupElement.Identity);

        TargetQuad all = Quad(Elements);
        TargetLaneGroup.SumLanes(ref all);
        Check(all, _ => Elements[0] + Elements[1] + (Elements[2] + Elements[3]));
    }

    [Fact]
    public void Sums_become_entries_and_are_negated_by_the_mask()
    {
        TargetQuad[] sums = [Quad(Elements), Quad([Elements[3], Elements[2], Elements[1], Elements[0]])];
        for (int mask = 0; mask < 16; mask++)
        {
            TargetQuadEntry[] entries = new TargetQuadEntry[2];
            TargetLaneGroup.ToEntriesVarTime([.. sums], entries);
            Vector256<ulong> lanes = SakkeQuadTests.Mask(mask);
            TargetLaneGroup.NegateEntry(ref entries[1], lanes);
            TargetLaneGroup.FromEntry(entries[1], out TargetQuad point);
            TargetLaneGroup.AddEntry(ref point, entries[0]);
            int bits = mask;
            Check(point, lane =>
                Elements[lane] + ((bits >> lane & 1) == 1 ? Negative(Elements[3 - lane]) : Elements[3 - lane]));
        }
    }

    /// <summary>
    /// Between two doublings nothing reduces a sum: as many entries as a comb of one column has, and those that make the parts
    /// grow most, with representatives near the prime.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(12345)]
    public void A_sum_of_as_many_entries_as_a_comb_has_stays_right(int seed)
    {
        TargetGroupElement[] addends = [Power(seed), Element(Prime - 1 - seed), Element(Prime - 2), Element((Prime / 2) + seed)];
        TargetQuadEntry entry = new()
        {
            Representative = SakkeQuad.FromElements(
                Representative(addends[0]), Representative(addends[1]), Representative(addends[2]), Representative(addends[3])),
        };
        TargetLaneGroup.FromEntry(entry, out TargetQuad sum);
        TargetGroupElement[] expected = [.. addends];
        for (int i = 0; i < 52; i++)
        {
            TargetLaneGroup.AddEntry(ref sum, entry);
            expected = [.. expected.Select((element, lane) => element + addends[lane])];
            TargetQuad doubled = sum;
            TargetLaneGroup.Double(ref doubled);
            Check(doubled, lane => expected[lane].Double());
        }

        TargetLaneGroup.SumLanes(ref sum);
        Check(sum, _ => expected[0] + expected[1] + (expected[2] + expected[3]));
    }

    private static TargetGroupElement Power(BigInteger exponent) =>
        SakkeTargetGroup.PowerOfGenerator(ResidueLaws<UInt1024, SakkeOrder>.Element(exponent));

    private static TargetGroupElement Element(BigInteger representative) => new()
    {
        Value = new SakkeQuadraticElement { Re = SakkeElement.One, Im = SakkeQuadTests.Element(representative) },
    };

    private static SakkeElement Representative(TargetGroupElement element) => element.Value.Im * element.Value.Re.Invert();

    private static TargetGroupElement Negative(TargetGroupElement element) => new()
    {
        Value = new SakkeQuadraticElement { Re = element.Value.Re, Im = -element.Value.Im },
    };

    private static TargetQuad Quad(TargetGroupElement[] elements) => new()
    {
        Re = SakkeQuad.FromElements(elements[0].Value.Re, elements[1].Value.Re, elements[2].Value.Re, elements[3].Value.Re),
        Im = SakkeQuad.FromElements(elements[0].Value.Im, elements[1].Value.Im, elements[2].Value.Im, elements[3].Value.Im),
    };

    private static void Check(TargetQuad actual, Func<int, TargetGroupElement> expected)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            TargetGroupElement.AreEqual(actual.GetLane(lane), expected(lane)).Reveal().ShouldBeTrue($"lane {lane}");
        }
    }
}
