using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Diagnostics.CodeAnalysis;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// An element of the prime field of <typeparamref name="TModulus"/>: x is kept as x · R mod m (Montgomery form), always fully
/// reduced, so that equal elements have equal limbs. The default is the field's zero and valid.
/// </summary>
/// <remarks>
/// Constant time in the values. Each modulus gives an own type, named in Aliases.cs; the compiler keeps them apart.
/// Encodings have eight octets per limb, big-endian, leading zeros kept.
/// </remarks>
internal struct Residue<TLimbs, TModulus>
    where TLimbs : struct, ILimbs
    where TModulus : struct, IPrimeModulus
{
    private TLimbs limbs;

    public static int SizeInBytes => 8 * TLimbs.Count;

    public static Residue<TLimbs, TModulus> One
    {
        get
        {
            Unsafe.SkipInit(out Residue<TLimbs, TModulus> one);
            TModulus.One.CopyTo(one.Span);
            return one;
        }
    }

    [UnscopedRef]
    private Span<ulong> Span => MemoryMarshal.CreateSpan(ref Unsafe.As<TLimbs, ulong>(ref limbs), TLimbs.Count);

    public static Residue<TLimbs, TModulus> operator +(in Residue<TLimbs, TModulus> left, in Residue<TLimbs, TModulus> right)
    {
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> sum);
        Montgomery.Add<TLimbs>(Read(in left), Read(in right), TModulus.Value, sum.Span);
        return sum;
    }

    public static Residue<TLimbs, TModulus> operator -(in Residue<TLimbs, TModulus> left, in Residue<TLimbs, TModulus> right)
    {
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> difference);
        Montgomery.Subtract<TLimbs>(Read(in left), Read(in right), TModulus.Value, difference.Span);
        return difference;
    }

    public static Residue<TLimbs, TModulus> operator -(in Residue<TLimbs, TModulus> value) =>
        default(Residue<TLimbs, TModulus>) - value;

    public static Residue<TLimbs, TModulus> operator *(in Residue<TLimbs, TModulus> left, in Residue<TLimbs, TModulus> right)
    {
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> product);
        Montgomery.Multiply<TLimbs>(Read(in left), Read(in right), TModulus.Value, TModulus.NegativeInverse, product.Span);
        return product;
    }

    public static Choice AreEqual(in Residue<TLimbs, TModulus> left, in Residue<TLimbs, TModulus> right) =>
        Limbs.AreEqual(Read(in left), Read(in right));

    /// <summary>Decodes exactly <see cref="SizeInBytes"/> octets; false, and zero, for a value of m or more.</summary>
    public static Choice Decode(ReadOnlySpan<byte> octets, out Residue<TLimbs, TModulus> element)
    {
        element = FromReduced(octets);
        Unsafe.SkipInit(out TLimbs value);
        Span<ulong> words = MemoryMarshal.CreateSpan(ref Unsafe.As<TLimbs, ulong>(ref value), TLimbs.Count);
        Limbs.ReadBigEndian(octets, words);
        Choice canonical = Limbs.IsLess(words, TModulus.Value);
        words.Clear();
        element.ConditionalAssign(default, !canonical);
        return canonical;
    }

    /// <summary>The integer of exactly as many limbs as the modulus has, whatever its value, modulo m.</summary>
    public static Residue<TLimbs, TModulus> FromInteger(ReadOnlySpan<ulong> words)
    {
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> element);

        // The integer may exceed m: Montgomery.Multiply allows that of its left argument.
        Montgomery.Multiply<TLimbs>(words, TModulus.RSquared, TModulus.Value, TModulus.NegativeInverse, element.Span);
        return element;
    }

    /// <summary>The integer of exactly <see cref="SizeInBytes"/> octets, whatever its value, modulo m.</summary>
    public static Residue<TLimbs, TModulus> FromReduced(ReadOnlySpan<byte> octets)
    {
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> element);
        Limbs.ReadBigEndian(octets, element.Span);

        // The octets may exceed m: Montgomery.Multiply allows that of its left argument.
        Montgomery.Multiply<TLimbs>(element.Span, TModulus.RSquared, TModulus.Value, TModulus.NegativeInverse, element.Span);
        return element;
    }

    /// <summary>The big-endian integer of any number of octets modulo m. The number of octets is public.</summary>
    public static Residue<TLimbs, TModulus> FromOctets(ReadOnlySpan<byte> octets)
    {
        // Horner over chunks of one element's size. The limbs of R² mod m are the Montgomery form of R.
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> radix);
        TModulus.RSquared.CopyTo(radix.Span);
        Residue<TLimbs, TModulus> element = default;
        Span<byte> chunk = stackalloc byte[SizeInBytes];
        for (int taken = 0; taken < octets.Length;)
        {
            int size = (octets.Length - taken) % SizeInBytes;
            size = size == 0 ? SizeInBytes : size;
            chunk.Clear();
            octets.Slice(taken, size).CopyTo(chunk[(SizeInBytes - size)..]);
            element = (element * radix) + FromReduced(chunk);
            taken += size;
        }

        CryptographicOperations.ZeroMemory(chunk);
        return element;
    }

    /// <summary>Writes exactly <see cref="SizeInBytes"/> octets.</summary>
    public readonly void Encode(Span<byte> octets)
    {
        Residue<TLimbs, TModulus> integer = ToInteger();
        Limbs.WriteBigEndian(integer.Span, octets[..SizeInBytes]);
        integer.Clear();
    }

    public readonly Choice IsZero() => Limbs.IsZero(Read(in this));

    public readonly Residue<TLimbs, TModulus> Square()
    {
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> square);
        Montgomery.Square<TLimbs>(Read(in this), TModulus.Value, TModulus.NegativeInverse, square.Span);
        return square;
    }

    public readonly Residue<TLimbs, TModulus> Double() => this + this;

    /// <summary>1/x, and 0 for 0.</summary>
    public readonly Residue<TLimbs, TModulus> Invert()
    {
        // R² · 2^61 / (x R) / 2^61 = R / x.
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> inverse);
        SafeGcd.Invert<TLimbs>(
            Read(in this), TModulus.InversionFactor, TModulus.Value, TModulus.NegativeInverse, inverse.Span);
        return inverse;
    }

    /// <summary>
    /// Inverts all, none of which is 0, with one inversion and three multiplications for each (Montgomery). Constant time.
    /// </summary>
    /// <param name="elements">The elements, which become their inverses.</param>
    /// <param name="before">Work space for as many; zero afterwards.</param>
    public static void InvertAll(Span<Residue<TLimbs, TModulus>> elements, Span<Residue<TLimbs, TModulus>> before)
    {
        Residue<TLimbs, TModulus> product = One;
        for (int i = 0; i < elements.Length; i++)
        {
            before[i] = product;
            product *= elements[i];
        }

        Residue<TLimbs, TModulus> inverse = product.Invert();
        for (int i = elements.Length - 1; i >= 0; i--)
        {
            Residue<TLimbs, TModulus> own = inverse * before[i];
            inverse *= elements[i];
            elements[i] = own;
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(before[..elements.Length]));
        product.Clear();
        inverse.Clear();
    }

    /// <summary>Becomes <paramref name="source"/> if the choice is true.</summary>
    public void ConditionalAssign(in Residue<TLimbs, TModulus> source, Choice choice) =>
        Limbs.ConditionalAssign(Span, Read(in source), choice);

    /// <summary>The integer, out of Montgomery form, for taking its bits; its limbs are no longer a valid element.</summary>
    public readonly void CopyIntegerTo(Span<ulong> words)
    {
        Residue<TLimbs, TModulus> integer = ToInteger();
        integer.Span.CopyTo(words);
        integer.Clear();
    }

    /// <summary>Overwrites the element with zero in a way that is not optimised away.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Span));

    private static ReadOnlySpan<ulong> Read(in Residue<TLimbs, TModulus> value) =>
        MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<TLimbs, ulong>(ref Unsafe.AsRef(in value.limbs)), TLimbs.Count);

    private readonly Residue<TLimbs, TModulus> ToInteger()
    {
        TLimbs unit = default;
        Span<ulong> one = MemoryMarshal.CreateSpan(ref Unsafe.As<TLimbs, ulong>(ref unit), TLimbs.Count);
        one[0] = 1;
        Unsafe.SkipInit(out Residue<TLimbs, TModulus> integer);
        Montgomery.Multiply<TLimbs>(Read(in this), one, TModulus.Value, TModulus.NegativeInverse, integer.Span);
        return integer;
    }
}
