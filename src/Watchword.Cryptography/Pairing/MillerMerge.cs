using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// The lines of two doublings in a row, at C and at [2]C, merged into one function, in four lanes for four pairs. Blake, Murty and Xu,
/// "Refinements of Miller's algorithm for computing the Weil/Tate pairing", 2006, merge likewise.
/// </summary>
/// <remarks>
/// <para>
/// On the curve y² = x³ - 3x let l1 = y - L1 and l2 = y - L2 with Li = λi x + μi. Two Miller steps multiply by l1² l2. With A = x³ - 3x + L1²,
/// l1² l2 = y (A + 2 L1 L2) - (A L2 + 2 L1 (x³ - 3x)). Its zeros at [2]C and -[2]C are double, so both polynomials are multiples of
/// (x - x2)², whose values are in F_p: what is left is y (x + β) - (α2 x² + α1 x + α0), with
/// </para>
/// <code>
/// x2 = λ1² - 2 Cx
/// β  = λ1² + 2 λ1 λ2 + 2 x2
/// α2 = λ2 + 2 λ1
/// α1 = μ2 + 2 μ1 + λ1² λ2 + 2 x2 α2
/// α0 = λ1² μ2 + (2 λ1 μ1 - 3) λ2 - 6 λ1 + 2 x2 α1 - x2² α2
/// </code>
/// <para>
/// At the image (-x, iy), turned by -1: (a2 x² + a1 x + a0) + (xy + b0 y)i with a2 = α2, a1 = -α1, a0 = α0, b0 = -β. Intercepts are kept as
/// v = -μ.
/// </para>
/// </remarks>
internal struct MillerMerge
{
    /// <summary>Cx.</summary>
    public SakkeQuad Abscissa;

    /// <summary>λ1.</summary>
    public SakkeQuad FirstSlope;

    /// <summary>v1.</summary>
    public SakkeQuad FirstIntercept;

    /// <summary>λ2.</summary>
    public SakkeQuad SecondSlope;

    /// <summary>v2.</summary>
    public SakkeQuad SecondIntercept;

    public SakkeQuad A2;
    public SakkeQuad A1;
    public SakkeQuad A0;
    public SakkeQuad B0;

    /// <summary>The four coefficients from the five numbers above, all of the bound 1.</summary>
    public void Compute()
    {
        SakkeQuad.Square(FirstSlope, out SakkeQuad square);
        SakkeQuad.Multiply(FirstSlope, SecondSlope, out SakkeQuad cross);
        SakkeQuad.Combine(1, square, -2, Abscissa, out SakkeQuad x2);
        SakkeQuad.Combine(-1, square, -2, cross, out B0);
        SakkeQuad.Combine(1, B0, -2, x2, out B0);
        SakkeQuad.Combine(1, SecondSlope, 2, FirstSlope, out A2);

        // -α1 = v2 + 2 v1 - λ1² λ2 - 2 x2 α2
        SakkeQuad.Multiply(FirstSlope, cross, out SakkeQuad cubic);
        SakkeQuad.Multiply(x2, A2, out SakkeQuad scaled);
        SakkeQuad.Combine(1, SecondIntercept, 2, FirstIntercept, out A1);
        SakkeQuad.Combine(1, A1, -1, cubic, out A1);
        SakkeQuad.Combine(1, A1, -2, scaled, out A1);

        // α0 = -λ1² v2 - (2 λ1 v1 + 3) λ2 - 6 λ1 - x2 (2 a1 + x2 α2)
        SakkeQuad.Multiply(FirstSlope, FirstIntercept, out SakkeQuad inner);
        SakkeQuad.Combine(-2, inner, -3, SakkeQuad.One, out inner);
        SakkeQuad.Combine(-2, A1, -1, scaled, out scaled);
        SakkeQuad.MultiplyAdd(inner, SecondSlope, x2, scaled, out A0);
        SakkeQuad.Multiply(square, SecondIntercept, out inner);
        SakkeQuad.Combine(1, A0, -1, inner, out A0);
        SakkeQuad.Combine(1, A0, -6, FirstSlope, out A0);
    }
}
