using System.Numerics;
using System.Runtime.InteropServices;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Tests.Fields;

/// <summary>The laws of a prime field against integers of the platform.</summary>
internal static class ResidueLaws<TLimbs, TModulus>
    where TLimbs : struct, ILimbs
    where TModulus : struct, IPrimeModulus
{
    private static readonly int Size = Residue<TLimbs, TModulus>.SizeInBytes;

    public static BigInteger Modulus { get; } = Integer(TModulus.Value);

    public static Gen<BigInteger> Values { get; } = Octets.Below(Modulus, TLimbs.Count);

    public static Residue<TLimbs, TModulus> Element(BigInteger value)
    {
        Residue<TLimbs, TModulus>.Decode(value.ToOctets(Size), out Residue<TLimbs, TModulus> element).Reveal().ShouldBeTrue();
        return element;
    }

    public static BigInteger Value(Residue<TLimbs, TModulus> element)
    {
        byte[] octets = new byte[Size];
        element.Encode(octets);
        return octets.ToInteger();
    }

    public static void Constants()
    {
        BigInteger radix = BigInteger.One << (64 * TLimbs.Count);
        Integer(TModulus.One).ShouldBe(radix % Modulus);
        Integer(TModulus.RSquared).ShouldBe(radix * radix % Modulus);
        Integer(TModulus.InversionFactor).ShouldBe((radix * radix << 61) % Modulus);
        (unchecked(TModulus.NegativeInverse * TModulus.Value[0]) + 1).ShouldBe(0UL);
        Value(Residue<TLimbs, TModulus>.One).ShouldBe(BigInteger.One);
        Value(default).ShouldBe(BigInteger.Zero);
    }

    public static void Operations() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        Residue<TLimbs, TModulus> x = Element(a);
        Residue<TLimbs, TModulus> y = Element(b);
        Value(x + y).ShouldBe((a + b) % Modulus);
        Value(x - y).ShouldBe((a - b).Modulo(Modulus));
        Value(-x).ShouldBe((-a).Modulo(Modulus));
        Value(x * y).ShouldBe(a * b % Modulus);
        Value(x.Square()).ShouldBe(a * a % Modulus);
        Value(x.Double()).ShouldBe(2 * a % Modulus);
        Residue<TLimbs, TModulus>.AreEqual(x, y).Reveal().ShouldBe(a == b);
        x.IsZero().Reveal().ShouldBe(a.IsZero);
    });

    public static void Axioms() => Gen.Select(Values, Values, Values).Sample((a, b, c) =>
    {
        (Residue<TLimbs, TModulus> x, Residue<TLimbs, TModulus> y, Residue<TLimbs, TModulus> z) = (Element(a), Element(b), Element(c));
        Same((x + y) + z, x + (y + z));
        Same(x + y, y + x);
        Same((x * y) * z, x * (y * z));
        Same(x * y, y * x);
        Same(x * (y + z), (x * y) + (x * z));
        Same(x + -x, default);
        Same(x * Residue<TLimbs, TModulus>.One, x);
    });

    public static void Inversion()
    {
        default(Residue<TLimbs, TModulus>).Invert().IsZero().Reveal().ShouldBeTrue("0 has 0 for its inverse");
        Values.Sample(
            a =>
            {
                Residue<TLimbs, TModulus> x = Element(a);
                return a.IsZero || Value(x * x.Invert()).IsOne;
            });
    }

    /// <summary>One inversion for many gives what each gives alone, and leaves nothing in the work space.</summary>
    public static void SharedInversion()
    {
        foreach (int count in new[] { 0, 1, 2, 3, 64 })
        {
            Values.Where(value => !value.IsZero).Array[count].Sample(
                values =>
                {
                    Residue<TLimbs, TModulus>[] elements = [.. values.Select(Element)];
                    Residue<TLimbs, TModulus>[] before = new Residue<TLimbs, TModulus>[count + 1];
                    before[^1] = Element(7);
                    Residue<TLimbs, TModulus>.InvertAll(elements, before);
                    for (int i = 0; i < count; i++)
                    {
                        Same(elements[i], Element(values[i]).Invert());
                        before[i].IsZero().Reveal().ShouldBeTrue();
                    }

                    Value(before[^1]).ShouldBe(7, "work space beyond the elements is not touched");
                },
                iter: 8);
        }
    }

    /// <summary>An operator whose result is one of its arguments.</summary>
    public static void Aliasing() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        Residue<TLimbs, TModulus> y = Element(b);
        Residue<TLimbs, TModulus> x = Element(a);
        x += y;
        Value(x).ShouldBe((a + b) % Modulus);
        x = Element(a);
        x -= y;
        Value(x).ShouldBe((a - b).Modulo(Modulus));
        x = Element(a);
        x *= x;
        Value(x).ShouldBe(a * a % Modulus);
        x = Element(a);
        x -= x;
        x.IsZero().Reveal().ShouldBeTrue();
        x = Element(a);
        x.ConditionalAssign(x, Choice.True);
        Value(x).ShouldBe(a);
        InPlace(a, b);
    });

    /// <summary>The span functions below the operators, with the destination on either argument.</summary>
    private static void InPlace(BigInteger a, BigInteger b)
    {
        ulong[] left = Words(a);
        ulong[] right = Words(b);
        Montgomery.Add<TLimbs>(left, right, TModulus.Value, right);
        Integer(right).ShouldBe((a + b) % Modulus);
        right = Words(b);
        Montgomery.Subtract<TLimbs>(left, right, TModulus.Value, right);
        Integer(right).ShouldBe((a - b).Modulo(Modulus));
        right = Words(b);
        Montgomery.Multiply<TLimbs>(left, right, TModulus.Value, TModulus.NegativeInverse, left);
        ulong[] third = Words(a);
        Montgomery.Multiply<TLimbs>(third, right, TModulus.Value, TModulus.NegativeInverse, right);
        left.ShouldBe(right);
    }

    public static void Decoding()
    {
        byte[] octets = new byte[Size];
        BigInteger top = (BigInteger.One << (8 * Size)) - 1;
        foreach (BigInteger value in new[] { Modulus, Modulus + 1, top, top - 1 })
        {
            Residue<TLimbs, TModulus>.Decode(value.ToOctets(Size), out Residue<TLimbs, TModulus> element).Reveal().ShouldBeFalse();
            element.IsZero().Reveal().ShouldBeTrue("what is refused is zero");
            Value(Residue<TLimbs, TModulus>.FromReduced(value.ToOctets(Size))).ShouldBe(value % Modulus);
        }

        Octets.Wide(TLimbs.Count).Sample(value =>
        {
            Choice canonical = Residue<TLimbs, TModulus>.Decode(value.ToOctets(Size), out Residue<TLimbs, TModulus> element);
            element.Encode(octets);
            return canonical.Reveal() ? octets.ToInteger() == value : value >= Modulus;
        }, threads: 1);
    }

    public static void LongOctets() => Gen.Byte.Array[0, 5 * Size].Sample(octets =>
        Value(Residue<TLimbs, TModulus>.FromOctets(octets)) == octets.ToInteger() % Modulus);

    public static void ConditionalAssignment() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        Residue<TLimbs, TModulus> x = Element(a);
        x.ConditionalAssign(Element(b), Choice.False);
        Value(x).ShouldBe(a);
        x.ConditionalAssign(Element(b), Choice.True);
        Value(x).ShouldBe(b);
        x.Clear();
        MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref x, 1)).ContainsAnyExcept((byte)0).ShouldBeFalse();
    });

    private static void Same(Residue<TLimbs, TModulus> left, Residue<TLimbs, TModulus> right) =>
        Residue<TLimbs, TModulus>.AreEqual(left, right).Reveal().ShouldBeTrue();

    private static ulong[] Words(BigInteger value)
    {
        ulong[] words = new ulong[TLimbs.Count];
        Limbs.ReadBigEndian(value.ToOctets(Size), words);
        return words;
    }

    private static BigInteger Integer(ReadOnlySpan<ulong> words)
    {
        BigInteger value = 0;
        for (int i = words.Length - 1; i >= 0; i--)
        {
            value = (value << 64) | words[i];
        }

        return value;
    }
}
