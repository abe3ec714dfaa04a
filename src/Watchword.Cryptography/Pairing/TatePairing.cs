using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>The pairing &lt;R, Q&gt; of RFC 6508 §3.2: the Tate pairing of R with the image (-x, iy) of Q.</summary>
/// <remarks>
/// <para>
/// It is symmetric on the subgroup of order q, which is cyclic: &lt;[a]P, [b]P&gt; = g^(ab). A caller may put either point first.
/// </para>
/// <para>
/// The flow depends on q - 1 alone, never on the points. The loop runs over the signed digits (NAF) of q - 1 where the RFC runs
/// over its bits: Miller functions f_m f_n l/v = f_(m+n) hold for any chain, and the vertical lines v, f_(-1) among them, take
/// values in F_p at the image of Q, so the class in PF_p is the same. Its third fewer additions are why.
/// </para>
/// </remarks>
internal static class TatePairing
{
    /// <summary>
    /// The pairing of two points. <paramref name="accumulated"/> is of order q and not infinity; <paramref name="evaluated"/> is
    /// any point of the curve but infinity: outside the subgroup of order q the value is meaningless, yet harmless.
    /// </summary>
    public static TargetGroupElement Pair(in SakkeAffinePoint accumulated, in SakkeAffinePoint evaluated)
    {
        _ = MillerWalk.Run(accumulated, evaluated, out MillerLoopResult miller);
        TargetGroupElement value = miller.FinalPower();
        miller.Clear();
        return value;
    }

    /// <summary>The pairing of the point whose lines are given with another, finite point of the curve.</summary>
    public static TargetGroupElement Pair(MillerLines accumulated, in SakkeAffinePoint evaluated)
    {
        MillerLoopResult miller = MillerLoop(accumulated, evaluated);
        TargetGroupElement value = miller.FinalPower();
        miller.Clear();
        return value;
    }

    /// <summary>
    /// The Miller loop over lines made before. Two doublings cost two squarings, with the products of the line in the lanes that those
    /// leave free, and one product; an addition costs one product.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static MillerLoopResult MillerLoop(MillerLines accumulated, in SakkeAffinePoint evaluated)
    {
        SakkeQuad x = SakkeQuad.Broadcast(evaluated.X);
        SakkeQuad y = SakkeQuad.Broadcast(evaluated.Y);
        SakkeQuad xy = x * y;
        SakkeQuad.Pack(x, x, x * x, x, out SakkeQuad squareAndX);
        SakkeQuad.Pack(x, x, y, x, out SakkeQuad yAndX);
        SakkeQuad value = SakkeQuad.Select(Vector256.Create(-1L, -1, 0, 0).AsDouble(), SakkeQuad.One, default);
        MillerChunk[] chunks = MillerSchedule.Chunks;
        for (int i = 0; i < chunks.Length; i++)
        {
            ref double factors = ref accumulated.Chunk(i);
            ref double second = ref Unsafe.Add(ref factors, QuadraticLanes.PairLength);
            ref double intercepts = ref Unsafe.Add(ref second, QuadraticLanes.PairLength);
            bool twice = chunks[i].Doublings == 2;
            QuadraticLanes.PrepareSquare(value, twice ? squareAndX : x, ref factors, out SakkeQuad left, out SakkeQuad right);
            SakkeQuad.Multiply(left, right, out SakkeQuad products);
            SakkeQuad added;
            if (twice)
            {
                QuadraticLanes.PrepareSquare(products.Permuted<LaneOrder.Order0011>(), yAndX, ref second, out left, out right);
                SakkeQuad.Multiply(left, right, out SakkeQuad fourth);
                QuadraticLanes.PrepareMergedProduct(products, fourth, y, xy, ref intercepts, out left, out right, out added);
            }
            else
            {
                QuadraticLanes.PrepareProduct(products, y, ref intercepts, out left, out right, out added);
            }

            SakkeQuad.Multiply(left, right, out products);
            QuadraticLanes.Combine(products, out value);
            if (chunks[i].Added != 0)
            {
                QuadraticLanes.PrepareSecond(value, out left);
                SakkeQuad.Multiply(left, added, out products);
                QuadraticLanes.Combine(products, out value);
            }
        }

        SakkeQuadraticElement result = new() { Re = value.GetLane(0), Im = value.GetLane(2) };
        value.Clear();
        return new MillerLoopResult { Value = result };
    }
}
