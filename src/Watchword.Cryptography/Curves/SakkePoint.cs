using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// A point of the curve of SAKKE parameter set 1, y² = x³ - 3x over F_p (RFC 6509 Appendix A), in projective coordinates (X : Y :
/// Z).
/// </summary>
/// <remarks>
/// Infinity is (0 : 1 : 0). The default value (0 : 0 : 0) is no point. The curve is cyclic of order p + 1 = 4q (3 is no square
/// modulo p), with (0, 0) as its one point of order 2. The addition formulas fail exactly where the difference of the two points
/// is (0, 0), and give (0 : 0 : 0) there (Renes, Costello, Batina, §3; Bosma, Lenstra). No difference of two points of the
/// subgroup of odd order q is (0, 0): there they are complete. (0 : 0 : 0) plus or doubled anything stays (0 : 0 : 0), which is
/// neither infinity nor on the curve: a failed addition with a foreign point cannot turn into an accepted one. See
/// Notes/sakke-curve.md.
/// </remarks>
internal struct SakkePoint : IGroupElement<SakkePoint>
{
    /// <summary>Octets of an encoded point: 04, x, y (SEC 1 §2.3.3, uncompressed).</summary>
    public const int SizeInBytes = 257;

    public SakkeElement X;
    public SakkeElement Y;
    public SakkeElement Z;

    public static SakkePoint Identity => new() { Y = SakkeElement.One };

    public static SakkePoint operator -(in SakkePoint point) => new() { X = point.X, Y = -point.Y, Z = point.Z };

    /// <summary>
    /// Addition: Renes, Costello, Batina, eprint 2015/1060, algorithm 4 (a = -3) with b = 0, which leaves 12 M. Complete on the
    /// subgroup of order q; (0 : 0 : 0) exactly where the difference of the points is the point (0, 0).
    /// </summary>
    public static SakkePoint operator +(in SakkePoint left, in SakkePoint right)
    {
        SakkeElement t0 = left.X * right.X; // 1
        SakkeElement t1 = left.Y * right.Y; // 2
        SakkeElement t2 = left.Z * right.Z; // 3
        SakkeElement xy = ((left.X + left.Y) * (right.X + right.Y)) - (t0 + t1); // 4 to 8
        SakkeElement yz = ((left.Y + left.Z) * (right.Y + right.Z)) - (t1 + t2); // 9 to 13
        SakkeElement xz = ((left.X + left.Z) * (right.X + right.Z)) - (t0 + t2); // 14 to 18
        SakkeElement u = xz.Double() + xz; // 19 to 22 with b = 0
        SakkeElement minus = t1 - u; // 23
        SakkeElement plus = t1 + u; // 24
        t2 = t2.Double() + t2; // 26, 27
        SakkeElement w = -(t2 + t0); // 25, 28, 29 with b = 0
        w = w.Double() + w; // 30, 31
        t0 = t0.Double() + t0 - t2; // 32 to 34
        return new SakkePoint
        {
            X = (xy * plus) - (yz * w), // 35, 39, 40
            Y = (plus * minus) + (t0 * w), // 36 to 38
            Z = (yz * minus) + (xy * t0), // 41 to 43
        };
    }

    /// <summary>
    /// Complete doubling on the whole curve: the same paper, algorithm 6 (a = -3) with b = 0, which leaves 8 M + 3 S.
    /// </summary>
    public readonly SakkePoint Double()
    {
        SakkeElement t0 = X.Square(); // 1
        SakkeElement t1 = Y.Square(); // 2
        SakkeElement t2 = Z.Square(); // 3
        SakkeElement xy = (X * Y).Double(); // 4, 5
        SakkeElement xz = (X * Z).Double(); // 6, 7
        SakkeElement u = xz.Double() + xz; // 8 to 11 with b = 0, sign turned
        SakkeElement minus = t1 - u; // 13
        SakkeElement plus = t1 + u; // 12
        t2 = t2.Double() + t2; // 16, 17
        SakkeElement w = -(t2 + t0); // 18 to 20 with b = 0
        w = w.Double() + w; // 21, 22
        t0 = t0.Double() + t0 - t2; // 23 to 25
        SakkeElement yz = (Y * Z).Double(); // 28, 29
        return new SakkePoint
        {
            X = (plus * xy) - (yz * w), // 15, 30, 31
            Y = (minus * plus) + (t0 * w), // 14, 26, 27
            Z = (yz * t1).Double().Double(), // 32 to 34
        };
    }

    /// <summary>
    /// A point of 04, x, y: exactly <see cref="SizeInBytes"/> octets, both coordinates below the prime, on the curve. The point
    /// at infinity has no such encoding. For octets that are public or were authenticated.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> octets, out SakkePoint point)
    {
        point = Identity;
        if (octets.Length != SizeInBytes || octets[0] != 4)
        {
            return false;
        }

        Choice valid = SakkeElement.Decode(octets.Slice(1, SakkeElement.SizeInBytes), out SakkeElement x);
        valid &= SakkeElement.Decode(octets[(1 + SakkeElement.SizeInBytes)..], out SakkeElement y);
        point = new SakkePoint { X = x, Y = y, Z = SakkeElement.One };
        valid &= point.IsOnCurve();
        point.ConditionalAssign(Identity, !valid);
        return valid.Reveal();
    }

    /// <summary>Writes 04, x, y; the point at infinity, which has no such encoding, gives false and zeros.</summary>
    public readonly Choice Encode(Span<byte> octets)
    {
        SakkeElement inverse = Z.Invert();
        SakkeElement x = X * inverse;
        SakkeElement y = Y * inverse;
        octets[0] = 4;
        x.Encode(octets.Slice(1, SakkeElement.SizeInBytes));
        y.Encode(octets.Slice(1 + SakkeElement.SizeInBytes, SakkeElement.SizeInBytes));
        inverse.Clear();
        x.Clear();
        y.Clear();
        return !Z.IsZero();
    }

    /// <summary>True for projective coordinates of a point of the curve, infinity included; false for (0 : 0 : 0).</summary>
    public readonly Choice IsOnCurve()
    {
        SakkeElement z2 = Z.Square();
        SakkeElement left = Y.Square() * Z;
        SakkeElement right = X * (X.Square() - (z2.Double() + z2));
        return SakkeElement.AreEqual(left, right) & !(X.IsZero() & Y.IsZero() & Z.IsZero());
    }

    /// <summary>(0 : y : 0) with y not zero. (0 : 0 : 0) is no point and gives false.</summary>
    public readonly Choice IsIdentity() => X.IsZero() & Z.IsZero() & !Y.IsZero();

    /// <summary>Equality of the points, whatever their projective coordinates.</summary>
    public static Choice AreEqual(in SakkePoint left, in SakkePoint right)
    {
        // Cross products; two points with Z = 0 are both infinity, since no valid point has y = z = 0.
        Choice x = SakkeElement.AreEqual(left.X * right.Z, right.X * left.Z);
        Choice y = SakkeElement.AreEqual(left.Y * right.Z, right.Y * left.Z);
        return x & y & !(left.Z.IsZero() ^ right.Z.IsZero());
    }

    public void ConditionalAssign(in SakkePoint source, Choice choice)
    {
        X.ConditionalAssign(source.X, choice);
        Y.ConditionalAssign(source.Y, choice);
        Z.ConditionalAssign(source.Z, choice);
    }

    public void Clear()
    {
        X.Clear();
        Y.Clear();
        Z.Clear();
    }

    /// <summary>
    /// True if [q]X is infinity: X is in the subgroup of order q or infinity itself. X is public. Safe for any point of the
    /// curve: where the addition meets its exceptional case the result is (0 : 0 : 0), which <see cref="IsIdentity"/> denies, and
    /// within the subgroup it meets none.
    /// </summary>
    public readonly bool HasOrderQVarTime() =>
        VarTimeMultiplication.Multiply(this, Fields.SakkeOrder.Value).IsIdentity().Reveal();
}
