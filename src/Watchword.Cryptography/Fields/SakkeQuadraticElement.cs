namespace Watchword.Cryptography.Fields;

/// <summary>
/// An element Re + Im·i of F_p² = F_p[i], i² = -1, over the prime of SAKKE parameter set 1, for which -1 is no square. The
/// default is zero.
/// </summary>
internal struct SakkeQuadraticElement
{
    public SakkeElement Re;
    public SakkeElement Im;

    public static SakkeQuadraticElement One => new() { Re = SakkeElement.One };

    /// <summary>(a + bi)(c + di) with three multiplications (Karatsuba).</summary>
    public static SakkeQuadraticElement operator *(in SakkeQuadraticElement left, in SakkeQuadraticElement right)
    {
        SakkeElement real = left.Re * right.Re;
        SakkeElement imaginary = left.Im * right.Im;
        SakkeElement cross = (left.Re + left.Im) * (right.Re + right.Im);
        return new SakkeQuadraticElement { Re = real - imaginary, Im = cross - real - imaginary };
    }

    /// <summary>(a + bi)² = (a + b)(a - b) + 2abi.</summary>
    public readonly SakkeQuadraticElement Square()
    {
        SakkeElement product = Re * Im;
        return new SakkeQuadraticElement { Re = (Re + Im) * (Re - Im), Im = product.Double() };
    }

    public void Clear()
    {
        Re.Clear();
        Im.Clear();
    }
}
