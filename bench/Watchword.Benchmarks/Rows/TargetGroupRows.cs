using System.Security.Cryptography;
using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;

namespace Watchword.Benchmarks.Rows;

/// <summary>The row about the target group, which is internal: g^r is a good part of an encapsulation.</summary>
internal static class TargetGroupRows
{
    public static Row Power => new("target_group_pow", "g^r in the target group, encoded")
    {
        Check = () =>
        {
            SakkeScalar scalar = RandomScalar();
            Span<ulong> words = stackalloc ulong[16];
            scalar.CopyIntegerTo(words);
            byte[] actual = Encode(SakkeTargetGroup.PowerOfGenerator(scalar));
            byte[] expected = Encode(VarTimeMultiplication.Multiply(SakkeTargetGroup.Generator, words));
            byte[] other = Encode(SakkeTargetGroup.PowerOfGenerator(scalar + SakkeScalar.One));
            Expect.Equal(actual, expected, "the power is the one that another algorithm gives");
            Expect.That(!actual.AsSpan().SequenceEqual(other), "another exponent gives another power");
        },
        CreateWorker = _ =>
        {
            SakkeScalar scalar = RandomScalar();
            byte[] octets = new byte[TargetGroupElement.SizeInBytes];
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    SakkeTargetGroup.PowerOfGenerator(scalar).Encode(octets);
                }
            });
        },
    };

    private static SakkeScalar RandomScalar() => SakkeScalar.FromReduced(RandomNumberGenerator.GetBytes(SakkeScalar.SizeInBytes));

    private static byte[] Encode(in TargetGroupElement element)
    {
        byte[] octets = new byte[TargetGroupElement.SizeInBytes];
        element.Encode(octets);
        return octets;
    }
}
