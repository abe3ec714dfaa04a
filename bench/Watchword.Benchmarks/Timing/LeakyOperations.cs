using System.Security.Cryptography;
using Watchword.Cryptography.Curves;

namespace Watchword.Benchmarks.Timing;

/// <summary>Operations that leak on purpose: what the test must catch. Nothing else uses them.</summary>
internal static class LeakyOperations
{
    private const int Many = 16;

    public static IEnumerable<TimedOperation> All => [DoubleAndAdd(), Comparison()];

    private static TimedOperation DoubleAndAdd()
    {
        byte[] scalar = new byte[32];
        P256Point product = default;
        return new TimedOperation("leaky_multiplication", "scalar 1, random; adds where a bit is 1")
        {
            InputSize = scalar.Length,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => octets.CopyTo(scalar),
            Run = () => product = DoubleAndAddVarTime(P256.Generator, scalar),
            Unload = () => product.Clear(),
            LeaksOnPurpose = true,
        };
    }

    private static TimedOperation Comparison()
    {
        byte[] expected = RandomNumberGenerator.GetBytes(32);
        byte[] actual = new byte[32];
        int equal = 0;
        return new TimedOperation("leaky_comparison", "tag equal, random; stops where octets differ")
        {
            InputSize = actual.Length,
            FillFixed = expected.CopyTo,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => octets.CopyTo(actual),
            Run = () =>
            {
                for (int i = 0; i < Many; i++)
                {
                    equal += AreEqualVarTime(actual, expected) ? 1 : 0;
                }
            },
            Unload = () => equal = 0,
            Repetitions = Many,
            LeaksOnPurpose = true,
        };
    }

    private static P256Point DoubleAndAddVarTime(in P256Point point, ReadOnlySpan<byte> scalar)
    {
        P256Point sum = P256Point.Identity;
        for (int i = 0; i < 8 * scalar.Length; i++)
        {
            sum = sum.Double();
            if (((scalar[i / 8] >> (7 - (i % 8))) & 1) != 0)
            {
                sum += point;
            }
        }

        return sum;
    }

    private static bool AreEqualVarTime(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i])
            {
                return false;
            }
        }

        return true;
    }
}
