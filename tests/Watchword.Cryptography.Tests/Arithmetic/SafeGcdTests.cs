using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Arithmetic;

public sealed class SafeGcdTests
{
    [Fact]
    public void Inverses_modulo_the_P256_prime_are_those_of_Fermat() => Check<UInt256, P256Prime>();

    [Fact]
    public void Inverses_modulo_the_P256_order_are_those_of_Fermat() => Check<UInt256, P256Order>();

    [Fact]
    public void Inverses_modulo_p_are_those_of_Fermat() => Check<UInt1024, SakkePrime>();

    [Fact]
    public void Inverses_modulo_q_are_those_of_Fermat() => Check<UInt1024, SakkeOrder>();

    /// <summary>
    /// The matrices of these have the largest entries: 61 steps in which f or g only shift, or in which each takes the other.
    /// </summary>
    [Fact]
    public void Powers_of_two_and_their_neighbours_are_inverted()
    {
        Powers<UInt256, P256Prime>();
        Powers<UInt256, P256Order>();
        Powers<UInt1024, SakkePrime>();
        Powers<UInt1024, SakkeOrder>();
    }

    /// <summary>A modulus need not fill its limbs, nor be large at all: here everything is inverted.</summary>
    [Fact]
    public void Every_value_of_a_small_prime_is_inverted()
    {
        const ulong modulus = 10007;
        ulong negativeInverse = 1;
        for (int i = 0; i < 6; i++)
        {
            negativeInverse *= 2 + (modulus * negativeInverse); // Newton's iteration for -1/m.
        }

        (unchecked(negativeInverse * modulus) + 1).ShouldBe(0UL);
        ulong radix = (ulong)BigInteger.ModPow(2, 61, modulus);
        Span<ulong> words = stackalloc ulong[4];
        for (ulong value = 0; value < modulus; value++)
        {
            words.Clear();
            words[0] = value;
            SafeGcd.Invert<UInt256>(words, [radix, 0, 0, 0], [modulus, 0, 0, 0], negativeInverse, words);
            (words[0] * value % modulus).ShouldBe(value == 0 ? 0UL : 1UL);
            words[1..].ContainsAnyExcept(0UL).ShouldBeFalse();
        }
    }

    [Fact]
    public void Operands_of_another_length_are_refused()
    {
        ulong[] good = new ulong[16];
        ulong[] bad = new ulong[15];
        Should.Throw<ArgumentException>(() => Invert(bad, good, SakkePrime.Value, good));
        Should.Throw<ArgumentException>(() => Invert(good, bad, SakkePrime.Value, good));
        Should.Throw<ArgumentException>(() => Invert(good, good, bad, good));
        Should.Throw<ArgumentException>(() => Invert(good, good, SakkePrime.Value, bad));

        static void Invert(
            ReadOnlySpan<ulong> value, ReadOnlySpan<ulong> factor, ReadOnlySpan<ulong> modulus, Span<ulong> destination) =>
            SafeGcd.Invert<UInt1024>(value, factor, modulus, SakkePrime.NegativeInverse, destination);
    }

    private static void Check<TLimbs, TModulus>()
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        BigInteger modulus = ResidueLaws<TLimbs, TModulus>.Modulus;
        BigInteger half = (modulus + 1) / 2;
        foreach (BigInteger value in new[] { 0, 1, 2, 3, modulus - 1, modulus - 2, half, half - 1, modulus >> 64 })
        {
            Check<TLimbs, TModulus>(value, 1);
            Check<TLimbs, TModulus>(value, modulus - 1);
            Check<TLimbs, TModulus>(value, 0);
        }

        Gen.Select(Octets.Below(modulus, TLimbs.Count), Octets.Below(modulus, TLimbs.Count))
            .Sample(Check<TLimbs, TModulus>, iter: 20_000 / TLimbs.Count / TLimbs.Count);
    }

    private static void Powers<TLimbs, TModulus>()
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        BigInteger modulus = ResidueLaws<TLimbs, TModulus>.Modulus;
        for (int i = 1; i <= 64 * TLimbs.Count; i += TLimbs.Count > 4 ? 7 : 1)
        {
            BigInteger power = BigInteger.One << i;
            Check<TLimbs, TModulus>(power % modulus, 1);
            Check<TLimbs, TModulus>((power - 1) % modulus, 1);
            Check<TLimbs, TModulus>((-power).Modulo(modulus), 1);
            Check<TLimbs, TModulus>(BigInteger.ModPow(power, modulus - 2, modulus), 1);
        }
    }

    private static void Check<TLimbs, TModulus>(BigInteger value, BigInteger factor)
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        // The one number below m whose product with x is the factor; 0 for 0. The 2^-61 that a result carries is given to it as
        // well.
        BigInteger modulus = ResidueLaws<TLimbs, TModulus>.Modulus;
        ulong[] words = Words(value, TLimbs.Count);
        ulong[] scaled = Words((factor << 61) % modulus, TLimbs.Count);
        ulong[] inverse = new ulong[TLimbs.Count];
        SafeGcd.Invert<TLimbs>(words, scaled, TModulus.Value, TModulus.NegativeInverse, inverse);
        BigInteger result = inverse.Reverse().Aggregate(BigInteger.Zero, (high, word) => (high << 64) | word);
        result.ShouldBeLessThan(modulus);
        (value.IsZero ? result : ((result * value) - factor) % modulus).ShouldBe(BigInteger.Zero, $"{value} {factor}");

        // The destination lies on either argument.
        SafeGcd.Invert<TLimbs>(words, scaled, TModulus.Value, TModulus.NegativeInverse, words);
        words.ShouldBe(inverse);
        words = Words(value, TLimbs.Count);
        SafeGcd.Invert<TLimbs>(words, scaled, TModulus.Value, TModulus.NegativeInverse, scaled);
        scaled.ShouldBe(inverse);
    }

    private static ulong[] Words(BigInteger value, int count)
    {
        ulong[] words = new ulong[count];
        Limbs.ReadBigEndian(value.ToOctets(8 * count), words);
        return words;
    }
}
