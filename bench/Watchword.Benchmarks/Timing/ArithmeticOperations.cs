using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Benchmarks.Timing;

/// <summary>The arithmetic beneath every secret operation, on values that tempt it to do less.</summary>
internal static class ArithmeticOperations
{
    private const int Many = 64;

    public static IEnumerable<TimedOperation> All =>
    [
        Inversion<UInt256, P256Prime>("invert_p256_element"),
        Inversion<UInt256, P256Order>("invert_p256_scalar"),
        Inversion<UInt1024, SakkePrime>("invert_sakke_element"),
        Inversion<UInt1024, SakkeOrder>("invert_sakke_scalar"),
        Multiplication<UInt256, P256Prime>("multiply_p256_element"),
        Multiplication<UInt1024, SakkePrime>("multiply_sakke_element"),
        ConditionalAssignment(),
    ];

    private static TimedOperation Inversion<TLimbs, TModulus>(string key)
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        Residue<TLimbs, TModulus> x = default;
        Residue<TLimbs, TModulus> inverse = default;
        return new TimedOperation(key, "x = 1, random")
        {
            InputSize = Residue<TLimbs, TModulus>.SizeInBytes,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => x = Residue<TLimbs, TModulus>.FromReduced(octets),
            Run = () => inverse = x.Invert(),
            Unload = () => inverse.Clear(),
        };
    }

    private static TimedOperation Multiplication<TLimbs, TModulus>(string key)
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        Residue<TLimbs, TModulus> x = default;
        Residue<TLimbs, TModulus> product = default;
        Residue<TLimbs, TModulus> factor = Residue<TLimbs, TModulus>.FromReduced(
            RandomNumberGenerator.GetBytes(Residue<TLimbs, TModulus>.SizeInBytes));
        return new TimedOperation(key, "x = 0, random")
        {
            InputSize = Residue<TLimbs, TModulus>.SizeInBytes,
            FillFixed = ScalarInputs.FillZero,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => x = Residue<TLimbs, TModulus>.FromReduced(octets),
            Run = () =>
            {
                for (int i = 0; i < Many; i++)
                {
                    product = x * factor;
                }
            },
            Unload = () => product.Clear(),
            Repetitions = Many,
        };
    }

    private static TimedOperation ConditionalAssignment()
    {
        SakkeElement source = SakkeElement.FromReduced(RandomNumberGenerator.GetBytes(SakkeElement.SizeInBytes));
        SakkeElement target = default;
        Choice choice = default;
        return new TimedOperation("conditional_assign", "choice false, true")
        {
            InputSize = 1,
            FillFixed = ScalarInputs.FillZero,
            FillRandom = ScalarInputs.FillOne,
            Load = octets =>
            {
                target = SakkeElement.One;
                choice = Choice.FromBit(octets[0]);
            },
            Run = () =>
            {
                for (int i = 0; i < Many; i++)
                {
                    target.ConditionalAssign(source, choice);
                }
            },
            Repetitions = Many,
        };
    }
}
