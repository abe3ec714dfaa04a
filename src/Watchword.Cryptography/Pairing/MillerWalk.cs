using System.Runtime.CompilerServices;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// One Miller loop without a table: the running point C in Jacobian coordinates (x = X/Z², y = Y/Z³) and the value f = a + bi,
/// with the lanes at work on both. Constant time: the steps follow q - 1, which is public.
/// </summary>
/// <remarks>
/// <para>
/// Doubling: "dbl-2001-b" of the Explicit-Formulas Database (a = -3), 18 multiplications with f² and the line, in five rounds of
/// four lanes. The line of RFC 6508 §3.2 times Z⁶: α(Qx δ + X) - 2γ + i · Z' δ Qy with α = 3(X² - δ²), δ = Z², γ = Y², Z' = 2YZ.
/// </para>
/// <para>
/// Addition: mixed (Cohen, Miyaji, Ono, 1998) with H = Rx δ - X, r = Ry Z³ - Y, Z' = ZH, V = XH²; the line is
/// r (Qx + Rx) - Z' Ry + i · Z' Qy. Six rounds, the last round of the doubling before it being left out.
/// </para>
/// <para>
/// Every number here is in all four lanes; a round packs four pairs, multiplies and splits. The fields have the bound 1, but Z
/// and 2YZ, which have 2 after a doubling: they meet each other at most.
/// </para>
/// </remarks>
internal struct MillerWalk
{
    private SakkeQuad a;
    private SakkeQuad b;
    private SakkeQuad x;
    private SakkeQuad y;
    private SakkeQuad z;

    // Of the running point: Z², Y², 2YZ and 3(X² - Z⁴).
    private SakkeQuad delta;
    private SakkeQuad gamma;
    private SakkeQuad nextZ;
    private SakkeQuad alpha;

    private SakkeQuad evaluatedX;
    private SakkeQuad evaluatedY;

    /// <summary>
    /// The Miller function of the accumulated point at the image (-x, iy) of the evaluated one. The choice says whether the
    /// accumulated point, any point of the curve, has order q: whether [q - 1]R came out as -R.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Choice Run(in SakkeAffinePoint accumulated, in SakkeAffinePoint evaluated, out MillerLoopResult result)
    {
        MillerWalk walk = default;
        SakkeQuad addedX = SakkeQuad.Broadcast(accumulated.X);
        SakkeQuad addedY = SakkeQuad.Broadcast(accumulated.Y);
        SakkeQuad negativeY = -addedY;
        walk.Start(addedX, addedY, evaluated);
        foreach (sbyte digit in MillerSchedule.Digits)
        {
            walk.Double(digit == 0);
            if (digit != 0)
            {
                walk.Add(addedX, digit > 0 ? addedY : negativeY);
            }
        }

        Choice ordered = walk.IsAt(addedX, negativeY);
        result = new MillerLoopResult
        {
            Value = new SakkeQuadraticElement { Re = walk.a.GetLane(0), Im = walk.b.GetLane(0) },
        };
        walk.Clear();
        addedX.Clear();
        addedY.Clear();
        negativeY.Clear();
        return ordered;
    }

    private void Start(in SakkeQuad addedX, in SakkeQuad addedY, in SakkeAffinePoint evaluated)
    {
        evaluatedX = SakkeQuad.Broadcast(evaluated.X);
        evaluatedY = SakkeQuad.Broadcast(evaluated.Y);
        a = SakkeQuad.One;
        b = default;
        x = addedX;
        y = addedY;
        z = SakkeQuad.One;
        delta = SakkeQuad.One;
        PrepareDoubling();
    }

    /// <summary>f becomes f² times the tangent at C, and C becomes [2]C.</summary>
    /// <param name="prepare">Whether a doubling comes next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Double(bool prepare)
    {
        SakkeQuad.Add(b, b, out SakkeQuad doubled);
        SakkeQuad.Add(a, b, out SakkeQuad sum);
        SakkeQuad.Subtract(a, b, out SakkeQuad difference);
        Round(sum, difference, a, doubled, x, gamma, delta, evaluatedX, out SakkeQuad squareRe, out SakkeQuad squareIm,
            out SakkeQuad beta, out SakkeQuad scaledX);
        SakkeQuad.Add(scaledX, x, out scaledX);
        Round(alpha, alpha, alpha, scaledX, nextZ, delta, gamma, gamma, out SakkeQuad alphaSquare, out SakkeQuad re,
            out SakkeQuad scaledZ, out SakkeQuad gammaSquare);
        SakkeQuad.Combine(1, alphaSquare, -8, beta, out x);
        SakkeQuad.Combine(1, re, -2, gamma, out re);
        SakkeQuad.Combine(4, beta, -1, x, out beta);
        z = nextZ;
        Round(scaledZ, evaluatedY, alpha, beta, z, z, squareRe, re, out SakkeQuad im, out y, out delta, out SakkeQuad product);
        SakkeQuad.Combine(1, y, -8, gammaSquare, out y);
        Round(squareRe, im, squareIm, im, squareIm, re, y, z, out sum, out difference, out doubled, out nextZ);
        SakkeQuad.Combine(1, product, -1, difference, out a);
        SakkeQuad.Combine(1, sum, 1, doubled, out b);
        SakkeQuad.Add(nextZ, nextZ, out nextZ);
        if (prepare)
        {
            Round(y, y, x - delta, x + delta, y, y, y, y, out gamma, out alpha, out _, out _);
            SakkeQuad.Combine(3, alpha, 0, alpha, out alpha);
        }
    }

    /// <summary>f becomes f times the line through C and the addend, and C becomes C + addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Add(in SakkeQuad addedX, in SakkeQuad addedY)
    {
        Round(addedX, delta, z, delta, addedY, z, z, z, out SakkeQuad h, out _, out SakkeQuad scaledY, out _);
        SakkeQuad.Combine(1, h, -1, x, out h);
        Round(scaledY, delta, z, h, h, h, h, h, out SakkeQuad r, out SakkeQuad newZ, out SakkeQuad h2, out _);
        SakkeQuad.Combine(1, r, -1, y, out r);
        Round(r, r, h, h2, x, h2, newZ, newZ, out SakkeQuad r2, out SakkeQuad h3, out SakkeQuad v, out delta);
        SakkeQuad.Combine(1, r2, -1, h3, out SakkeQuad newX);
        SakkeQuad.Combine(1, newX, -2, v, out newX);
        SakkeQuad.Add(evaluatedX, addedX, out SakkeQuad sum);
        Round(r, v - newX, y, h3, newZ, addedY, newZ, evaluatedY, out y, out h3, out SakkeQuad part, out SakkeQuad im);
        SakkeQuad.Combine(1, y, -1, h3, out y);
        x = newX;
        z = newZ;
        Round(r, sum, y, z, y, y, x - delta, x + delta, out SakkeQuad re, out nextZ, out gamma, out alpha);
        SakkeQuad.Add(nextZ, nextZ, out nextZ);
        SakkeQuad.Combine(3, alpha, 0, alpha, out alpha);
        SakkeQuad.Combine(1, re, -1, part, out re);
        Round(a, re, b, im, a, im, b, re, out r2, out h2, out v, out part);
        SakkeQuad.Combine(1, r2, -1, h2, out a);
        SakkeQuad.Combine(1, v, 1, part, out b);
    }

    private void PrepareDoubling()
    {
        Round(y, y, x - delta, x + delta, y, z, z, z, out gamma, out alpha, out nextZ, out _);
        SakkeQuad.Combine(3, alpha, 0, alpha, out alpha);
        SakkeQuad.Add(nextZ, nextZ, out nextZ);
    }

    /// <summary>True if C is the finite point given: X = x2 Z², Y = y2 Z³, Z not zero.</summary>
    private readonly Choice IsAt(in SakkeQuad x2, in SakkeQuad y2)
    {
        SakkeQuad differenceX = (x2 * delta) - x;
        SakkeQuad differenceY = (y2 * (delta * z)) - y;
        return differenceX.GetLane(0).IsZero() & differenceY.GetLane(0).IsZero() & !z.GetLane(0).IsZero();
    }

    /// <summary>Four products at once; bounds of a pair multiply to at most 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Round(
        in SakkeQuad a0, in SakkeQuad b0, in SakkeQuad a1, in SakkeQuad b1, in SakkeQuad a2, in SakkeQuad b2, in SakkeQuad a3,
        in SakkeQuad b3, out SakkeQuad c0, out SakkeQuad c1, out SakkeQuad c2, out SakkeQuad c3)
    {
        SakkeQuad.Pack(a0, a1, a2, a3, out SakkeQuad left);
        SakkeQuad.Pack(b0, b1, b2, b3, out SakkeQuad right);
        SakkeQuad.Multiply(left, right, out SakkeQuad products);
        SakkeQuad.Split(products, out c0, out c1, out c2, out c3);
    }

    private void Clear()
    {
        a.Clear();
        b.Clear();
        x.Clear();
        y.Clear();
        z.Clear();
        delta.Clear();
        gamma.Clear();
        nextZ.Clear();
        alpha.Clear();
    }
}
