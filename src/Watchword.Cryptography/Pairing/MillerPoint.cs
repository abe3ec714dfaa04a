using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// The running point C of the Miller loop in Jacobian coordinates, x = X/Z², y = Y/Z³. Never infinity within the loop, which ends
/// at [q - 1]R; a secret where the RSK is.
/// </summary>
internal struct MillerPoint
{
    private SakkeElement x;
    private SakkeElement y;
    private SakkeElement z;

    public MillerPoint(in SakkeAffinePoint point)
    {
        x = point.X;
        y = point.Y;
        z = SakkeElement.One;
    }

    /// <summary>
    /// C becomes [2]C; gives the tangent at the old C, evaluated at (-Qx, i Qy), times a factor in F_p. 12 M.
    /// </summary>
    /// <remarks>
    /// Doubling: "dbl-2001-b" of the Explicit-Formulas Database (a = -3). The line of RFC 6508 §3.2,
    /// 3(Cx² - 1)(Qx + Cx) - 2Cy² + i · 2 Cy Qy, times Z⁶: alpha (Qx Z² + X) - 2Y² + i · (2YZ) Z² Qy with alpha = 3(X² - Z⁴).
    /// </remarks>
    public SakkeQuadraticElement DoubleWithLine(in SakkeAffinePoint evaluated)
    {
        SakkeElement delta = z.Square();
        SakkeElement gamma = y.Square();
        SakkeElement beta = x * gamma;
        SakkeElement alpha = (x - delta) * (x + delta);
        alpha = alpha.Double() + alpha;
        SakkeElement newZ = (y + z).Square() - gamma - delta; // 2YZ
        SakkeQuadraticElement line = new()
        {
            Re = (alpha * ((evaluated.X * delta) + x)) - gamma.Double(),
            Im = newZ * delta * evaluated.Y,
        };

        SakkeElement beta4 = beta.Double().Double();
        x = alpha.Square() - beta4.Double();
        y = (alpha * (beta4 - x)) - gamma.Square().Double().Double().Double();
        z = newZ;
        return line;
    }

    /// <summary>
    /// C becomes C + R; gives the line through the old C and R, evaluated at (-Qx, i Qy), times a factor in F_p. 14 M. C is
    /// neither R nor -R.
    /// </summary>
    /// <remarks>
    /// Mixed addition with U2 = Rx Z², S2 = Ry Z³, H = U2 - X, r = S2 - Y, Z' = Z H (Cohen, Miyaji, Ono, 1998). The slope is
    /// r/Z', so the line of RFC 6508 §3.2 is, up to a factor in F_p, r (Qx + Rx) - Z' Ry + i · Z' Qy.
    /// </remarks>
    public SakkeQuadraticElement AddWithLine(in SakkeAffinePoint addend, in SakkeAffinePoint evaluated)
    {
        SakkeElement z2 = z.Square();
        SakkeElement h = (addend.X * z2) - x;
        SakkeElement r = (addend.Y * z2 * z) - y;
        z *= h;
        SakkeQuadraticElement line = new()
        {
            Re = (r * (evaluated.X + addend.X)) - (z * addend.Y),
            Im = z * evaluated.Y,
        };

        SakkeElement h2 = h.Square();
        SakkeElement h3 = h2 * h;
        SakkeElement v = x * h2;
        x = r.Square() - h3 - v.Double();
        y = (r * (v - x)) - (y * h3);
        return line;
    }

    public void Clear()
    {
        x.Clear();
        y.Clear();
        z.Clear();
    }
}
