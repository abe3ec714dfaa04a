using System.Runtime.CompilerServices;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// The points C that the Miller loop runs through, from R to [q - 1]R, in Jacobian coordinates (x = X/Z², y = Y/Z³), with the
/// lanes at work on one point: (X, Y, Z) and what the slope of the line needs in the fourth lane.
/// </summary>
/// <remarks>Constant time: the digits of q - 1 are public, the points may be secret.</remarks>
internal static class MillerChain
{
    /// <summary>
    /// C becomes [2]C; the record keeps the old C and the numerator α of the slope of its tangent, whose denominator is the new
    /// Z. Bounds 1.
    /// </summary>
    /// <remarks>"dbl-2001-b" of the Explicit-Formulas Database (a = -3): α = 3(X² - Z⁴), Z' = 2YZ.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Double(ref SakkeQuad running, out SakkeQuad record)
    {
        // δ = Z², γ = Y², YZ, X²
        SakkeQuad.Multiply(
            running.Permuted<LaneOrder.Order2110>(), running.Permuted<LaneOrder.Order2120>(), out SakkeQuad products);
        SakkeQuad.Split(products, out SakkeQuad delta, out SakkeQuad gamma, out SakkeQuad z, out SakkeQuad alpha);

        // β = Xγ, δ², γ²
        SakkeQuad.Pack(running, delta, gamma, gamma, out SakkeQuad left);
        SakkeQuad.Pack(gamma, delta, gamma, gamma, out SakkeQuad right);
        SakkeQuad.Multiply(left, right, out products);
        SakkeQuad.Split(products, out SakkeQuad beta, out delta, out gamma, out _);
        SakkeQuad.Combine(3, alpha, -3, delta, out alpha);
        SakkeQuad.Square(alpha, out products);
        SakkeQuad.Combine(1, products, -8, beta, out SakkeQuad x);
        SakkeQuad.Combine(4, beta, -1, x, out beta);
        SakkeQuad.Multiply(alpha, beta, out products);
        SakkeQuad.Combine(1, products, -8, gamma, out SakkeQuad y);
        SakkeQuad.Combine(2, z, 0, z, out z);
        record = SakkeQuad.Select(LaneMask.Lane3, alpha, running);
        SakkeQuad.Pack(x, y, z, z, out running);
    }

    /// <summary>
    /// C becomes C + (x2, y2); the record keeps the old C and the numerator r of the slope, whose denominator is the new Z. C is
    /// neither the addend nor its negative.
    /// </summary>
    /// <remarks>Cohen, Miyaji, Ono, 1998, mixed: H = x2 Z² - X, r = y2 Z³ - Y, Z' = ZH, V = XH².</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(ref SakkeQuad running, in SakkeQuad x2, in SakkeQuad y2, out SakkeQuad record)
    {
        SakkeQuad.Split(running, out SakkeQuad x, out SakkeQuad y, out SakkeQuad z, out _);
        Scale(z, x2, y2, out SakkeQuad products);
        SakkeQuad.Split(products, out SakkeQuad h, out SakkeQuad r, out _, out _);
        SakkeQuad.Combine(1, h, -1, x, out h);
        SakkeQuad.Combine(1, r, -1, y, out r);
        SakkeQuad.Pack(h, h, r, r, out SakkeQuad left);
        SakkeQuad.Pack(h, z, r, r, out SakkeQuad right);
        SakkeQuad.Multiply(left, right, out products); // H², ZH, r²
        SakkeQuad.Split(products, out SakkeQuad h2, out z, out SakkeQuad newX, out _);
        SakkeQuad.Pack(h, x, x, x, out right);
        SakkeQuad.Multiply(h2, right, out products); // H³, V
        SakkeQuad.Split(products, out SakkeQuad h3, out SakkeQuad v, out _, out _);
        SakkeQuad.Combine(1, newX, -1, h3, out newX);
        SakkeQuad.Combine(1, newX, -2, v, out newX);
        SakkeQuad.Subtract(v, newX, out v);
        SakkeQuad.Pack(r, y, y, y, out left);
        SakkeQuad.Pack(v, h3, h3, h3, out right);
        SakkeQuad.Multiply(left, right, out products); // 1 · 2
        SakkeQuad.Split(products, out y, out h3, out _, out _);
        SakkeQuad.Combine(1, y, -1, h3, out y);
        record = SakkeQuad.Select(LaneMask.Lane3, r, running);
        SakkeQuad.Pack(newX, y, z, z, out running);
    }

    /// <summary>True if C is the finite point (x2, y2).</summary>
    public static Choice IsPoint(in SakkeQuad running, in SakkeQuad x2, in SakkeQuad y2)
    {
        Scale(running.Permuted<LaneOrder.Order2222>(), x2, y2, out SakkeQuad expected);
        SakkeQuad.Subtract(expected, running, out SakkeQuad difference);
        return difference.GetLane(0).IsZero() & difference.GetLane(1).IsZero() & !running.GetLane(2).IsZero();
    }

    /// <summary>x2 Z², y2 Z³ in lanes 0 and 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scale(in SakkeQuad z, in SakkeQuad x2, in SakkeQuad y2, out SakkeQuad scaled)
    {
        SakkeQuad.Pack(z, y2, y2, y2, out SakkeQuad right);
        SakkeQuad.Multiply(z, right, out SakkeQuad first); // Z², y2 Z
        SakkeQuad.Pack(x2, first, first, first, out right);
        SakkeQuad.Multiply(first.Permuted<LaneOrder.Order0000>(), right, out scaled);
    }
}
