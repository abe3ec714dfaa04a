using System.Numerics;
using System.Runtime.InteropServices;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Arithmetic;

/// <summary>Every way to multiply, whichever of them the fields take on this machine.</summary>
public sealed class MontgomeryTests
{
    private delegate void Multiplication(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
        Span<ulong> destination);

    [Fact]
    public void The_portable_way_is_right()
    {
        Check<UInt1024, SakkePrime>(Montgomery.MultiplyPortable<UInt1024>);
        Check<UInt1024, SakkeOrder>(Montgomery.MultiplyPortable<UInt1024>);
        Check<UInt256, P256Prime>(Montgomery.MultiplyPortable<UInt256>);
        Check<UInt256, P256Order>(Montgomery.MultiplyPortable<UInt256>);
    }

    [Fact]
    public void The_way_with_vectors_is_right()
    {
        Assert.SkipUnless(VectorMontgomery.IsSupported, "This processor has no AVX2.");
        Check<UInt1024, SakkePrime>(VectorMontgomery.Multiply);
        Check<UInt1024, SakkeOrder>(VectorMontgomery.Multiply);
    }

    [Fact]
    public void The_way_of_four_limbs_is_right()
    {
        Check<UInt256, P256Prime>(MultiplyFour);
        Check<UInt256, P256Order>(MultiplyFour);
        Check<UInt256, P256Prime>(MultiplySparse);
        Check<UInt256, SmallTop>(MultiplyFour);
        Check<UInt256, SmallTop>(MultiplySparse);
        Check<UInt256, LargeTop>(MultiplyFour);
        Check<UInt256, LargeTop>(MultiplySparse);

        static void MultiplyFour(
            ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
            Span<ulong> destination) =>
            FourLimbMontgomery.Multiply(
                ref First(left), ref First(right), ref First(modulus), negativeInverse, ref destination[0]);

        static void MultiplySparse(
            ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
            Span<ulong> destination) =>
            FourLimbMontgomery.MultiplySparse(ref First(left), ref First(right), ref First(modulus), ref destination[0]);
    }

    [Fact]
    public void Only_moduli_of_its_form_take_the_sparse_way()
    {
        FourLimbMontgomery.IsSparse(P256Prime.Value).ShouldBeTrue();
        FourLimbMontgomery.IsSparse(SmallTop.Value).ShouldBeTrue();
        FourLimbMontgomery.IsSparse(P256Order.Value).ShouldBeFalse();
        FourLimbMontgomery.IsSparse([ulong.MaxValue, uint.MaxValue, 1, 1]).ShouldBeFalse();
        FourLimbMontgomery.IsSparse([ulong.MaxValue, uint.MaxValue - 1, 0, 1]).ShouldBeFalse();
        FourLimbMontgomery.IsSparse([ulong.MaxValue - 2, uint.MaxValue, 0, 1]).ShouldBeFalse();
    }

    [Fact]
    public void Sums_and_differences_of_four_limbs_are_right()
    {
        CheckSums<P256Prime>();
        CheckSums<P256Order>();
        CheckSums<SmallTop>();
        CheckSums<LargeTop>();
    }

    [Fact]
    public void A_square_with_vectors_is_the_product_with_itself()
    {
        Assert.SkipUnless(VectorMontgomery.IsSupported, "This processor has no AVX2.");
        CheckSquares<SakkePrime>();
        CheckSquares<SakkeOrder>();
    }

    [Fact]
    public void Operands_of_another_length_are_refused()
    {
        Refuse(Montgomery.MultiplyPortable<UInt1024>, SakkePrime.Value, SakkePrime.NegativeInverse);
        Refuse(Montgomery.Multiply<UInt1024>, SakkePrime.Value, SakkePrime.NegativeInverse);
        Refuse(Montgomery.Multiply<UInt256>, P256Prime.Value, P256Prime.NegativeInverse);
        Refuse(Montgomery.Multiply<UInt256>, P256Order.Value, P256Order.NegativeInverse);

        static void Refuse(Multiplication multiply, ReadOnlySpan<ulong> modulus, ulong negativeInverse)
        {
            ulong[] good = new ulong[modulus.Length];
            ulong[] bad = new ulong[modulus.Length - 1];
            ulong[] m = modulus.ToArray();
            Should.Throw<Exception>(() => multiply(bad, good, m, negativeInverse, good));
            Should.Throw<Exception>(() => multiply(good, bad, m, negativeInverse, good));
            Should.Throw<Exception>(() => multiply(good, good, m.AsSpan(1), negativeInverse, good));
            Should.Throw<Exception>(() => multiply(good, good, m, negativeInverse, bad));
        }
    }

    private static void Check<TLimbs, TModulus>(Multiplication multiply)
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        // The left factor may be any limbs, the right one is below the modulus; the destination lies on either.
        int count = TLimbs.Count;
        BigInteger modulus = Integer(TModulus.Value);
        BigInteger top = (BigInteger.One << (64 * count)) - 1;
        BigInteger[] limits = [0, 1, 2, modulus - 2, modulus - 1, modulus / 2];
        foreach (BigInteger left in (BigInteger[])[.. limits, modulus, top - 1, top])
        {
            foreach (BigInteger right in limits)
            {
                Check(left, right);
            }
        }

        Gen.Select(Octets.Wide(count), Octets.Below(modulus, count)).Sample(Check, iter: 300);

        void Check(BigInteger left, BigInteger right)
        {
            ulong[] a = Words(left, count);
            ulong[] b = Words(right, count);
            multiply(a, b, TModulus.Value, TModulus.NegativeInverse, a);

            // Below m, and its product with R is left · right: there is only one such number.
            BigInteger product = Integer(a);
            product.ShouldBeLessThan(modulus);
            (product << (64 * count)).Modulo(modulus).ShouldBe(left * right % modulus);
            multiply(Words(left, count), b, TModulus.Value, TModulus.NegativeInverse, b);
            b.ShouldBe(a);
        }
    }

    private static void CheckSums<TModulus>()
        where TModulus : struct, IPrimeModulus
    {
        BigInteger modulus = Integer(TModulus.Value);
        Gen.Select(Octets.Below(modulus, 4), Octets.Below(modulus, 4)).Sample((left, right) =>
        {
            ulong[] result = new ulong[4];
            Montgomery.Add<UInt256>(Words(left, 4), Words(right, 4), TModulus.Value, result);
            Integer(result).ShouldBe((left + right) % modulus);
            Montgomery.AddPortable<UInt256>(Words(left, 4), Words(right, 4), TModulus.Value, result);
            Integer(result).ShouldBe((left + right) % modulus);
            Montgomery.Subtract<UInt256>(Words(left, 4), Words(right, 4), TModulus.Value, result);
            Integer(result).ShouldBe((left - right).Modulo(modulus));
            Montgomery.SubtractPortable<UInt256>(Words(left, 4), Words(right, 4), TModulus.Value, result);
            Integer(result).ShouldBe((left - right).Modulo(modulus));
        });
    }

    private static ref ulong First(ReadOnlySpan<ulong> limbs) => ref MemoryMarshal.GetReference(limbs);

    private static ulong[] Words(BigInteger value, int count)
    {
        ulong[] words = new ulong[count];
        Limbs.ReadBigEndian(value.ToOctets(8 * count), words);
        return words;
    }

    private static BigInteger Integer(ReadOnlySpan<ulong> words)
    {
        byte[] octets = new byte[8 * words.Length];
        Limbs.WriteBigEndian(words, octets);
        return octets.ToInteger();
    }

    /// <summary>2^192 + 2^96 - 1: the form of the sparse way, far below its limbs. It need not be a prime to multiply.</summary>
    private readonly struct SmallTop : IPrimeModulus
    {
        public static ReadOnlySpan<ulong> Value => [ulong.MaxValue, uint.MaxValue, 0, 1];

        public static ReadOnlySpan<ulong> One => [];

        public static ReadOnlySpan<ulong> RSquared => [];

        public static ReadOnlySpan<ulong> InversionFactor => [];

        public static ulong NegativeInverse => 1;
    }

    /// <summary>2^256 - 2^192 + 2^96 - 1: the largest modulus of the sparse way.</summary>
    private readonly struct LargeTop : IPrimeModulus
    {
        public static ReadOnlySpan<ulong> Value => [ulong.MaxValue, uint.MaxValue, 0, ulong.MaxValue];

        public static ReadOnlySpan<ulong> One => [];

        public static ReadOnlySpan<ulong> RSquared => [];

        public static ReadOnlySpan<ulong> InversionFactor => [];

        public static ulong NegativeInverse => 1;
    }

    private static void CheckSquares<TModulus>()
        where TModulus : struct, IPrimeModulus
    {
        BigInteger modulus = ResidueLaws<UInt1024, TModulus>.Modulus;
        BigInteger radixInverse = BigInteger.ModPow(BigInteger.One << 1024, modulus - 2, modulus);
        Octets.Below(modulus, 16).Sample(
            value =>
            {
                BigInteger expected = value * value * radixInverse % modulus;
                ulong[] words = new ulong[16];
                Limbs.ReadBigEndian(value.ToOctets(128), words);
                ulong[] result = new ulong[16];
                VectorMontgomery.Square(words, TModulus.Value, TModulus.NegativeInverse, result);
                byte[] octets = new byte[128];
                Limbs.WriteBigEndian(result, octets);
                octets.ToInteger().ShouldBe(expected);
                VectorMontgomery.Square(words, TModulus.Value, TModulus.NegativeInverse, words);
                words.ShouldBe(result, "the destination lies on the value");
            },
            iter: 400);
    }
}
