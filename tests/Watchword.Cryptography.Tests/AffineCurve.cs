using System.Numerics;

namespace Watchword.Cryptography.Tests;

/// <summary>
/// y² = x³ - 3x + b over a prime field by the school-book formulas on integers of the platform; null is infinity.
/// </summary>
internal sealed class AffineCurve(BigInteger prime, BigInteger coefficient)
{
    public (BigInteger X, BigInteger Y)? Add((BigInteger X, BigInteger Y)? left, (BigInteger X, BigInteger Y)? right)
    {
        if (left is not { } p || right is not { } q)
        {
            return left ?? right;
        }

        if (p.X == q.X && (p.Y + q.Y) % prime == 0)
        {
            return null;
        }

        BigInteger slope = p.X == q.X
            ? ((3 * p.X * p.X) - 3) * Invert(2 * p.Y)
            : (q.Y - p.Y) * Invert(q.X - p.X);
        BigInteger x = ((slope * slope) - p.X - q.X).Modulo(prime);
        return (x, ((slope * (p.X - x)) - p.Y).Modulo(prime));
    }

    public (BigInteger X, BigInteger Y)? Multiply(BigInteger scalar, (BigInteger X, BigInteger Y)? point)
    {
        (BigInteger X, BigInteger Y)? sum = null;
        for (int i = (int)scalar.GetBitLength() - 1; i >= 0; i--)
        {
            sum = Add(sum, sum);
            sum = ((scalar >> i) & 1) == 1 ? Add(sum, point) : sum;
        }

        return sum;
    }

    public bool Contains((BigInteger X, BigInteger Y) point) =>
        ((point.Y * point.Y) - (point.X * point.X * point.X) + (3 * point.X) - coefficient).Modulo(prime).IsZero;

    /// <summary>1/value by Euclid's algorithm: another way than the one under test.</summary>
    public BigInteger Invert(BigInteger value)
    {
        (BigInteger a, BigInteger b, BigInteger u, BigInteger v) = (value.Modulo(prime), prime, BigInteger.One, BigInteger.Zero);
        while (!a.IsZero)
        {
            (BigInteger quotient, BigInteger remainder) = BigInteger.DivRem(b, a);
            (a, b, u, v) = (remainder, a, v - (quotient * u), u);
        }

        return v.Modulo(prime);
    }

    /// <summary>The encoding 04, x, y.</summary>
    public static byte[] Encode((BigInteger X, BigInteger Y) point, int size) => [4, .. point.X.ToOctets(size), .. point.Y.ToOctets(size)];
}
