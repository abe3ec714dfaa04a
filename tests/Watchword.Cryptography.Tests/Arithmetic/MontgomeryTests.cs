using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Arithmetic;

/// <summary>Both ways to multiply 1024-bit numbers, whichever of them the fields take on this machine.</summary>
public sealed class MontgomeryTests
{
    private delegate void Multiplication(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
        Span<ulong> destination);

    [Fact]
    public void The_portable_way_is_right()
    {
        Check<SakkePrime>(Montgomery.MultiplyPortable<UInt1024>);
        Check<SakkeOrder>(Montgomery.MultiplyPortable<UInt1024>);
    }

    [Fact]
    public void The_way_with_vectors_is_right()
    {
        Assert.SkipUnless(VectorMontgomery.IsSupported, "This processor has no AVX2.");
        Check<SakkePrime>(VectorMontgomery.Multiply);
        Check<SakkeOrder>(VectorMontgomery.Multiply);
    }

    [Fact]
    public void Operands_of_another_length_are_refused()
    {
        ulong[] good = new ulong[16];
        ulong[] bad = new ulong[15];
        foreach (Multiplication multiply in new Multiplication[] { Montgomery.MultiplyPortable<UInt1024>, Montgomery.Multiply<UInt1024> })
        {
            Should.Throw<Exception>(() => multiply(bad, good, SakkePrime.Value, SakkePrime.NegativeInverse, good));
            Should.Throw<Exception>(() => multiply(good, bad, SakkePrime.Value, SakkePrime.NegativeInverse, good));
            Should.Throw<Exception>(() => multiply(good, good, bad, SakkePrime.NegativeInverse, good));
            Should.Throw<Exception>(() => multiply(good, good, SakkePrime.Value, SakkePrime.NegativeInverse, bad));
        }
    }

    private static void Check<TModulus>(Multiplication multiply)
        where TModulus : struct, IPrimeModulus
    {
        BigInteger modulus = ResidueLaws<UInt1024, TModulus>.Modulus;
        BigInteger radixInverse = BigInteger.ModPow(BigInteger.One << 1024, modulus - 2, modulus);

        // The left factor may be any 16 limbs, the right one is below the modulus; the destination lies on either.
        Gen.Select(Octets.Wide(16), Octets.Below(modulus, 16)).Sample(
            (left, right) =>
            {
                ulong[] expected = Words(left * right * radixInverse % modulus);
                ulong[] a = Words(left);
                ulong[] b = Words(right);
                multiply(a, b, TModulus.Value, TModulus.NegativeInverse, a);
                a.ShouldBe(expected);
                multiply(Words(left), b, TModulus.Value, TModulus.NegativeInverse, b);
                b.ShouldBe(expected);
            },
            iter: 300);
    }

    private static ulong[] Words(BigInteger value)
    {
        ulong[] words = new ulong[16];
        Limbs.ReadBigEndian(value.ToOctets(128), words);
        return words;
    }
}
