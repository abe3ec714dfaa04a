using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// The points C that the Miller loop runs through, from R to [q - 1]R, in Jacobian coordinates (x = X/Z², y = Y/Z³), with the lanes at
/// work on one point: (X, Y, Z) and what the slope of the line needs in the fourth lane.
/// </summary>
/// <remarks>Constant time: the digits of q - 1 are public, the points may be secret.</remarks>
internal static class MillerChain
{
    /// <summary>
    /// C becomes [2]C; the record keeps the old C and the numerator α of the slope of its tangent, whose denominator is the new Z. Bounds
    /// 1.
    /// </summary>
    /// <remarks>"dbl-2001-b" of the Explicit-Formulas Database (a = -3): α = 3(X² - Z⁴), Z' = 2YZ.</remarks>
    public static void Double(ref SakkeQuad running, out SakkeQuad record)
    {
        // δ = Z², γ = Y², YZ, X²
        SakkeQuad squares = running.Permuted<LaneOrder.Order2110>() * running.Permuted<LaneOrder.Order2120>();
        SakkeQuad gamma = squares.Permuted<LaneOrder.Order1111>();
        SakkeQuad delta = squares.Permuted<LaneOrder.Order0000>();
        SakkeQuad right = SakkeQuad.Select(LaneMask.Lane1, delta, gamma);
        SakkeQuad left = SakkeQuad.Select(LaneMask.Lane0, running, right);
        SakkeQuad second = left * right; // β = Xγ, δ², γ²
        SakkeQuad alpha = squares.Permuted<LaneOrder.Order3333>() - second.Permuted<LaneOrder.Order1111>();
        alpha = alpha.Times(3).Carried();
        SakkeQuad beta = second.Permuted<LaneOrder.Order0000>();
        SakkeQuad x = (alpha.Square() - beta.Times(8)).Carried();
        SakkeQuad y = alpha * (beta.Times(4) - x).Carried();
        y = (y - second.Permuted<LaneOrder.Order2222>().Times(8)).Carried();
        SakkeQuad z = squares.Permuted<LaneOrder.Order2222>().Times(2).Carried();
        record = SakkeQuad.Select(LaneMask.Lane3, alpha, running);
        running = Join(x, y, z);
    }

    /// <summary>
    /// C becomes C + (x2, y2); the record keeps the old C and the numerator r of the slope, whose denominator is the new Z. C is neither
    /// the addend nor its negative.
    /// </summary>
    /// <remarks>Cohen, Miyaji, Ono, 1998, mixed: H = x2 Z² - X, r = y2 Z³ - Y, Z' = ZH, V = XH².</remarks>
    public static void Add(ref SakkeQuad running, in SakkeQuad x2, in SakkeQuad y2, out SakkeQuad record)
    {
        SakkeQuad z = running.Permuted<LaneOrder.Order2222>();
        SakkeQuad scaled = Scale(z, x2, y2);
        SakkeQuad x = running.Permuted<LaneOrder.Order0000>();
        SakkeQuad y = running.Permuted<LaneOrder.Order1111>();
        SakkeQuad h = (scaled.Permuted<LaneOrder.Order0000>() - x).Carried();
        SakkeQuad r = (scaled.Permuted<LaneOrder.Order1111>() - y).Carried();
        SakkeQuad left = SakkeQuad.Select(LaneMask.Lane2, r, h);
        SakkeQuad products = left * SakkeQuad.Select(LaneMask.Lane1, z, left); // H², ZH, r²
        SakkeQuad cubes = products.Permuted<LaneOrder.Order0000>() * SakkeQuad.Select(LaneMask.Lane0, h, x); // H³, V
        SakkeQuad h3 = cubes.Permuted<LaneOrder.Order0000>();
        SakkeQuad v = cubes.Permuted<LaneOrder.Order1111>();
        SakkeQuad newX = (products.Permuted<LaneOrder.Order2222>() - h3 - v.Times(2)).Carried();
        SakkeQuad last = SakkeQuad.Select(LaneMask.Lane0, r, y) * SakkeQuad.Select(LaneMask.Lane0, v - newX, h3); // 1 · 2
        SakkeQuad newY = (last.Permuted<LaneOrder.Order0000>() - last.Permuted<LaneOrder.Order1111>()).Carried();
        record = SakkeQuad.Select(LaneMask.Lane3, r, running);
        running = Join(newX, newY, products.Permuted<LaneOrder.Order1111>());
    }

    /// <summary>True if C is the finite point (x2, y2).</summary>
    public static Choice IsPoint(in SakkeQuad running, in SakkeQuad x2, in SakkeQuad y2)
    {
        SakkeQuad difference = Scale(running.Permuted<LaneOrder.Order2222>(), x2, y2) - running;
        return difference.GetLane(0).IsZero() & difference.GetLane(1).IsZero() & !running.GetLane(2).IsZero();
    }

    /// <summary>x2 Z², y2 Z³ in lanes 0 and 1.</summary>
    private static SakkeQuad Scale(in SakkeQuad z, in SakkeQuad x2, in SakkeQuad y2)
    {
        SakkeQuad first = z * SakkeQuad.Select(LaneMask.Lane0, z, y2); // Z², y2 Z
        return first.Permuted<LaneOrder.Order0000>() * SakkeQuad.Select(LaneMask.Lane0, x2, first);
    }

    private static SakkeQuad Join(in SakkeQuad x, in SakkeQuad y, in SakkeQuad z) =>
        SakkeQuad.Select(LaneMask.Lane0, x, SakkeQuad.Select(LaneMask.Lane1, y, z));
}
