using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// Four elements of the prime field of P-256 side by side, one per lane: six signed digits to the base 2^44, least significant
/// first, each an integer held in a double. Montgomery form with R = 2^264. The default is zero in every lane.
/// </summary>
/// <remarks>
/// <para>
/// A residue has many forms here. A form has a <em>bound</em>, the largest of its digits in units of 2^43 + 2^9, and a
/// <em>size</em>, the number itself in units of 2^255, both absolute. Sums and differences add bounds and sizes and carry
/// nothing. A product has the bound 1 and the size 1 + s/512, where s is the product of the sizes of its factors (the sum of
/// both, where two products are added). Factors may be any whose bounds multiply (and add) to at most 300; s may be at most 300,
/// which gives the size 1.6. Each formula states its bounds and sizes. Notes/p256-lanes.md has the proof that every operation is
/// exact.
/// </para>
/// <para>Constant time. Arguments and results may be the same variables.</para>
/// </remarks>
internal struct P256Quad
{
    public const int DigitBits = 44;

    public const int DigitCount = 6;

    public const int Lanes = 4;

    public Vector256<double> D0;
    public Vector256<double> D1;
    public Vector256<double> D2;
    public Vector256<double> D3;
    public Vector256<double> D4;
    public Vector256<double> D5;

    public static P256Quad One { get; } = Broadcast(P256Element.One);

    /// <summary>left · right.</summary>
    public static void Multiply(in P256Quad left, in P256Quad right, out P256Quad product)
    {
        if (ArithmeticPath.HasVectors)
        {
            P256QuadMultiplication.Multiply(in left, in right, out product);
        }
        else
        {
            P256QuadPortable.Multiply(in left, in right, out product);
        }
    }

    /// <summary>value².</summary>
    public static void Square(in P256Quad value, out P256Quad square)
    {
        if (ArithmeticPath.HasVectors)
        {
            P256QuadMultiplication.Square(in value, out square);
        }
        else
        {
            P256QuadPortable.Multiply(in value, in value, out square);
        }
    }

    /// <summary>a · b + c · d.</summary>
    public static void MultiplyAdd(in P256Quad a, in P256Quad b, in P256Quad c, in P256Quad d, out P256Quad sum)
    {
        if (ArithmeticPath.HasVectors)
        {
            P256QuadMultiplication.MultiplyAdd(in a, in b, in c, in d, out sum);
        }
        else
        {
            P256QuadPortable.MultiplyAdd(in a, in b, in c, in d, out sum);
        }
    }

    /// <summary>left + right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in P256Quad left, in P256Quad right, out P256Quad sum)
    {
        sum.D0 = left.D0 + right.D0;
        sum.D1 = left.D1 + right.D1;
        sum.D2 = left.D2 + right.D2;
        sum.D3 = left.D3 + right.D3;
        sum.D4 = left.D4 + right.D4;
        sum.D5 = left.D5 + right.D5;
    }

    /// <summary>left - right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in P256Quad left, in P256Quad right, out P256Quad difference)
    {
        difference.D0 = left.D0 - right.D0;
        difference.D1 = left.D1 - right.D1;
        difference.D2 = left.D2 - right.D2;
        difference.D3 = left.D3 - right.D3;
        difference.D4 = left.D4 - right.D4;
        difference.D5 = left.D5 - right.D5;
    }

    /// <summary>
    /// a · x + b · y; the factors are small integers, one per lane. Exact with fused multiply-add and without
    /// (<see cref="QuadArithmetic"/>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Combine(Vector256<double> a, in P256Quad x, Vector256<double> b, in P256Quad y, out P256Quad sum)
    {
        sum.D0 = Vector256.MultiplyAddEstimate(a, x.D0, b * y.D0);
        sum.D1 = Vector256.MultiplyAddEstimate(a, x.D1, b * y.D1);
        sum.D2 = Vector256.MultiplyAddEstimate(a, x.D2, b * y.D2);
        sum.D3 = Vector256.MultiplyAddEstimate(a, x.D3, b * y.D3);
        sum.D4 = Vector256.MultiplyAddEstimate(a, x.D4, b * y.D4);
        sum.D5 = Vector256.MultiplyAddEstimate(a, x.D5, b * y.D5);
    }

    /// <summary>value times small integers, one per lane; the largest multiplies bound and size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(in P256Quad value, Vector256<double> factors, out P256Quad product)
    {
        product.D0 = value.D0 * factors;
        product.D1 = value.D1 * factors;
        product.D2 = value.D2 * factors;
        product.D3 = value.D3 * factors;
        product.D4 = value.D4 * factors;
        product.D5 = value.D5 * factors;
    }

    /// <summary>The lanes of the value in another order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Permute<TOrder>(in P256Quad value, out P256Quad permuted)
        where TOrder : struct, ILaneOrder
    {
        permuted.D0 = Vector256.Shuffle(value.D0, TOrder.Sources);
        permuted.D1 = Vector256.Shuffle(value.D1, TOrder.Sources);
        permuted.D2 = Vector256.Shuffle(value.D2, TOrder.Sources);
        permuted.D3 = Vector256.Shuffle(value.D3, TOrder.Sources);
        permuted.D4 = Vector256.Shuffle(value.D4, TOrder.Sources);
        permuted.D5 = Vector256.Shuffle(value.D5, TOrder.Sources);
    }

    /// <summary>
    /// The lanes of <paramref name="whenSet"/> whose mask is all ones, and the others of <paramref name="otherwise"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Select(Vector256<double> mask, in P256Quad whenSet, in P256Quad otherwise, out P256Quad selected)
    {
        selected.D0 = Vector256.ConditionalSelect(mask, whenSet.D0, otherwise.D0);
        selected.D1 = Vector256.ConditionalSelect(mask, whenSet.D1, otherwise.D1);
        selected.D2 = Vector256.ConditionalSelect(mask, whenSet.D2, otherwise.D2);
        selected.D3 = Vector256.ConditionalSelect(mask, whenSet.D3, otherwise.D3);
        selected.D4 = Vector256.ConditionalSelect(mask, whenSet.D4, otherwise.D4);
        selected.D5 = Vector256.ConditionalSelect(mask, whenSet.D5, otherwise.D5);
    }

    /// <summary>One element in every lane.</summary>
    public static P256Quad Broadcast(in P256Element element)
    {
        Unsafe.SkipInit(out P256Quad quad);
        quad.SetLane(0, element);
        Permute<LaneOrder.Order0000>(quad, out quad);
        return quad;
    }

    public static P256Quad FromElements(
        in P256Element lane0, in P256Element lane1, in P256Element lane2, in P256Element lane3)
    {
        Unsafe.SkipInit(out P256Quad quad);
        quad.SetLane(0, lane0);
        quad.SetLane(1, lane1);
        quad.SetLane(2, lane2);
        quad.SetLane(3, lane3);
        return quad;
    }

    /// <summary>Negated in the lanes whose mask is all ones; the mask of the others is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NegateIn(Vector256<ulong> lanes)
    {
        Vector256<double> sign = (lanes & Vector256.Create(1UL << 63)).AsDouble();
        D0 ^= sign;
        D1 ^= sign;
        D2 ^= sign;
        D3 ^= sign;
        D4 ^= sign;
        D5 ^= sign;
    }

    /// <summary>Sets a lane; bound 1, size at most 1.</summary>
    public void SetLane(int lane, in P256Element element)
    {
        Span<ulong> words = stackalloc ulong[4];
        P256QuadPortable.ToMontgomery(element, words);
        P256QuadPortable.WriteLane(ref this, lane, words);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>The element in a lane; its size was at most 300.</summary>
    public readonly P256Element GetLane(int lane)
    {
        Span<ulong> words = stackalloc ulong[4];
        P256QuadPortable.ReadLane(in this, lane, words);
        P256Element element = P256QuadPortable.FromMontgomery(words);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
        return element;
    }

    /// <summary>
    /// 1/x in every lane with one inversion for the four; false, and 0 in every lane, if a lane is 0. For factors of a size of at
    /// most 17; the result is as a product.
    /// </summary>
    public readonly Choice TryInvert(out P256Quad inverse)
    {
        // Products of neighbours, then of halves; each lane misses itself in the product of its neighbour and the other half.
        Permute<LaneOrder.Order1032>(this, out P256Quad neighbours);
        Multiply(this, neighbours, out P256Quad halves);
        Permute<LaneOrder.Order2301>(halves, out P256Quad otherHalves);
        Multiply(halves, otherHalves, out P256Quad all);
        Multiply(neighbours, otherHalves, out P256Quad others);
        P256Element product = all.GetLane(0);
        all = Broadcast(product.Invert());
        Multiply(all, others, out inverse);
        return !product.IsZero();
    }

    /// <summary>Overwrites the elements with zeros in a way that is not optimised away.</summary>
    public void Clear() =>
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref this, 1)));
}
