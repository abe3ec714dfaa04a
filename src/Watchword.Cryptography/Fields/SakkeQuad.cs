using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// Four elements of F_p, the field of SAKKE parameter set 1, side by side, one per lane; every operation acts on all four. Not in
/// Montgomery form. The default is zero in every lane.
/// </summary>
/// <remarks>
/// A residue has many forms here. <see cref="Quad1024"/> says what a bound is: products have the bound 1, sums and differences
/// the sum of their bounds, and <see cref="Combine"/> brings a bound back to 1. The factors of a product have bounds that
/// multiply to at most 4; those of a sum of two products, to at most 3 together. Each formula states its bounds. Constant time.
/// </remarks>
internal struct SakkeQuad
{
    private static readonly QuadModulus Modulus = new(SakkePrime.Value, SakkePrime.RSquared, SakkePrime.NegativeInverse);

    private Quad1024 digits;

    public static SakkeQuad One { get; } = Broadcast(SakkeElement.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SakkeQuad operator +(in SakkeQuad left, in SakkeQuad right)
    {
        Add(left, right, out SakkeQuad sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SakkeQuad operator -(in SakkeQuad left, in SakkeQuad right)
    {
        Subtract(left, right, out SakkeQuad difference);
        return difference;
    }

    public static SakkeQuad operator -(in SakkeQuad value)
    {
        SakkeQuad negative = value;
        negative.NegateIn(Vector256<ulong>.AllBitsSet);
        return negative;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SakkeQuad operator *(in SakkeQuad left, in SakkeQuad right)
    {
        Multiply(left, right, out SakkeQuad product);
        return product;
    }

    /// <summary>left · right, without a copy of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(in SakkeQuad left, in SakkeQuad right, out SakkeQuad product)
    {
        Unsafe.SkipInit(out product);
        if (ArithmeticPath.HasVectors)
        {
            QuadMultiplication.Multiply(left.digits, right.digits, Modulus, out product.digits);
        }
        else
        {
            QuadPortable.Multiply(left.digits, right.digits, Modulus, out product.digits);
        }
    }

    /// <summary>value², without a copy of the result; the bound is at most 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Square(in SakkeQuad value, out SakkeQuad square)
    {
        Unsafe.SkipInit(out square);
        if (ArithmeticPath.HasVectors)
        {
            QuadMultiplication.Square(value.digits, Modulus, out square.digits);
        }
        else
        {
            QuadPortable.Multiply(value.digits, value.digits, Modulus, out square.digits);
        }
    }

    /// <summary>left + right, without a copy of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in SakkeQuad left, in SakkeQuad right, out SakkeQuad sum)
    {
        Unsafe.SkipInit(out sum);
        QuadArithmetic.Add(left.digits, right.digits, out sum.digits);
    }

    /// <summary>left - right, without a copy of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in SakkeQuad left, in SakkeQuad right, out SakkeQuad difference)
    {
        Unsafe.SkipInit(out difference);
        QuadArithmetic.Subtract(left.digits, right.digits, out difference.digits);
    }

    /// <summary>a · x + b · y with the bound 1; |a| · bound of x + |b| · bound of y is at most 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Combine(double a, in SakkeQuad x, double b, in SakkeQuad y, out SakkeQuad sum)
    {
        Unsafe.SkipInit(out sum);
        QuadArithmetic.Combine(a, x.digits, b, y.digits, Modulus, out sum.digits);
    }

    /// <summary>Lane 0 of the first, lane 1 of the second, lane 2 of the third and lane 3 of the fourth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(
        in SakkeQuad first, in SakkeQuad second, in SakkeQuad third, in SakkeQuad fourth, out SakkeQuad packed)
    {
        Unsafe.SkipInit(out packed);
        QuadArithmetic.Pack(first.digits, second.digits, third.digits, fourth.digits, out packed.digits);
    }

    /// <summary>Each lane in all lanes of a quad of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(
        in SakkeQuad value, out SakkeQuad first, out SakkeQuad second, out SakkeQuad third, out SakkeQuad fourth)
    {
        Unsafe.SkipInit(out first);
        Unsafe.SkipInit(out second);
        Unsafe.SkipInit(out third);
        Unsafe.SkipInit(out fourth);
        QuadArithmetic.Split(value.digits, out first.digits, out second.digits, out third.digits, out fourth.digits);
    }

    /// <summary>a · b + c · d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(in SakkeQuad a, in SakkeQuad b, in SakkeQuad c, in SakkeQuad d, out SakkeQuad sum)
    {
        Unsafe.SkipInit(out sum);
        if (ArithmeticPath.HasVectors)
        {
            QuadMultiplication.MultiplyAdd(a.digits, b.digits, c.digits, d.digits, Modulus, out sum.digits);
        }
        else
        {
            QuadPortable.MultiplyAdd(a.digits, b.digits, c.digits, d.digits, Modulus, out sum.digits);
        }
    }

    /// <summary>
    /// The lanes of <paramref name="whenSet"/> whose mask is all ones, and the others of <paramref name="otherwise"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SakkeQuad Select(Vector256<double> mask, in SakkeQuad whenSet, in SakkeQuad otherwise)
    {
        Unsafe.SkipInit(out SakkeQuad selected);
        QuadArithmetic.Select(mask, whenSet.digits, otherwise.digits, out selected.digits);
        return selected;
    }

    /// <summary>Turns four numbers of four lanes: lane i of number j becomes lane j of number i.</summary>
    public static void Transpose(Span<SakkeQuad> four) =>
        QuadArithmetic.Transpose(ref four[0].digits, ref four[1].digits, ref four[2].digits, ref four[3].digits);

    /// <summary>One element in every lane.</summary>
    public static SakkeQuad Broadcast(in SakkeElement element) => FromElements(element, element, element, element);

    public static SakkeQuad FromElements(
        in SakkeElement lane0, in SakkeElement lane1, in SakkeElement lane2, in SakkeElement lane3)
    {
        Unsafe.SkipInit(out SakkeQuad quad);
        quad.SetLane(0, lane0);
        quad.SetLane(1, lane1);
        quad.SetLane(2, lane2);
        quad.SetLane(3, lane3);
        return quad;
    }

    /// <summary>The lowest digit, the others behind it: for the passes over digits of this layer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref Vector256<double> First(in SakkeQuad quad) =>
        ref Unsafe.As<SakkeQuad, Vector256<double>>(ref Unsafe.AsRef(in quad));

    /// <summary>Negates the lanes whose mask is all ones; the mask of the others is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NegateIn(Vector256<ulong> lanes) => QuadArithmetic.Negate(lanes, ref digits);

    /// <summary>The lanes in another order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly SakkeQuad Permuted<TOrder>()
        where TOrder : struct, ILaneOrder
    {
        Unsafe.SkipInit(out SakkeQuad permuted);
        QuadArithmetic.Permute<TOrder>(digits, out permuted.digits);
        return permuted;
    }

    /// <summary>Writes the digits of a lane, every second one of the destination.</summary>
    public readonly void CopyDigits(int lane, ref double destination)
    {
        ref Vector256<double> source = ref First(in this);
        for (int i = 0; i < Quad1024.DigitCount; i++)
        {
            Unsafe.Add(ref destination, 2 * i) = Unsafe.Add(ref source, i).GetElement(lane);
        }
    }

    /// <summary>Sets a lane to a lane of another number.</summary>
    public void CopyLane(int lane, in SakkeQuad source, int sourceLane)
    {
        ref double from = ref Unsafe.Add(ref Unsafe.As<SakkeQuad, double>(ref Unsafe.AsRef(in source)), sourceLane);
        ref double to = ref Unsafe.Add(ref Unsafe.As<SakkeQuad, double>(ref this), lane);
        for (int i = 0; i < Quad1024.Lanes * Quad1024.DigitCount; i += Quad1024.Lanes)
        {
            Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
        }
    }

    public void SetLane(int lane, in SakkeElement element)
    {
        Span<ulong> words = stackalloc ulong[16];
        element.CopyIntegerTo(words);
        QuadPortable.WriteLane(ref digits, lane, words);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>The element in a lane.</summary>
    public readonly SakkeElement GetLane(int lane)
    {
        Span<ulong> words = stackalloc ulong[16];
        QuadPortable.ReadLane(digits, lane, Modulus, words);
        SakkeElement element = SakkeElement.FromInteger(words);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
        return element;
    }

    /// <summary>1/x in every lane, with one inversion for the four; false, and no inverse, if a lane is 0.</summary>
    public readonly Choice TryInvert(out SakkeQuad inverse)
    {
        SakkeElement e0 = GetLane(0), e1 = GetLane(1), e2 = GetLane(2), e3 = GetLane(3);
        SakkeElement low = e0 * e1;
        SakkeElement high = e2 * e3;
        SakkeElement product = low * high;
        SakkeElement common = product.Invert();
        SakkeElement lowInverse = common * high;
        SakkeElement highInverse = common * low;
        inverse = FromElements(lowInverse * e1, lowInverse * e0, highInverse * e3, highInverse * e2);
        return !product.IsZero();
    }

    /// <summary>Overwrites the elements with zeros in a way that is not optimised away.</summary>
    public void Clear() =>
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref digits, 1)));
}
