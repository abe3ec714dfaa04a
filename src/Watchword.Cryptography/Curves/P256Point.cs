using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// A point of P-256, y² = x³ - 3x + b over the P-256 prime (SP 800-186 §3.2.1.3), in projective coordinates (X : Y : Z), x = X/Z,
/// y = Y/Z.
/// </summary>
/// <remarks>
/// Infinity is (0 : 1 : 0). The default value (0 : 0 : 0) is no point. The group has prime order, so the formulas are complete:
/// they have no exceptional case, need no branch, and arguments and result may be the same.
/// </remarks>
internal struct P256Point : IGroupElement<P256Point>
{
    /// <summary>Octets of an encoded point: 04, x, y (SEC 1 §2.3.3, uncompressed).</summary>
    public const int SizeInBytes = 65;

    /// <summary>The coefficient b.</summary>
    internal static readonly P256Element B = P256Element.FromReduced(
        Convert.FromHexString("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"));

    public P256Element X;
    public P256Element Y;
    public P256Element Z;

    public static P256Point Identity => new() { Y = P256Element.One };

    public static P256Point operator -(in P256Point point) => new() { X = point.X, Y = -point.Y, Z = point.Z };

    /// <summary>Complete addition: Renes, Costello, Batina, eprint 2015/1060, algorithm 4 (a = -3), 12 M + 2 m_b.</summary>
    public static P256Point operator +(in P256Point left, in P256Point right)
    {
        P256Element t0 = left.X * right.X; // 1
        P256Element t1 = left.Y * right.Y; // 2
        P256Element t2 = left.Z * right.Z; // 3
        P256Element xy = ((left.X + left.Y) * (right.X + right.Y)) - (t0 + t1); // 4 to 8
        P256Element yz = ((left.Y + left.Z) * (right.Y + right.Z)) - (t1 + t2); // 9 to 13
        P256Element xz = ((left.X + left.Z) * (right.X + right.Z)) - (t0 + t2); // 14 to 18
        P256Element u = xz - (B * t2); // 19, 20
        u = u.Double() + u; // 21, 22
        P256Element minus = t1 - u; // 23
        P256Element plus = t1 + u; // 24
        t2 = t2.Double() + t2; // 26, 27
        P256Element w = (B * xz) - t2 - t0; // 25, 28, 29
        w = w.Double() + w; // 30, 31
        t0 = t0.Double() + t0 - t2; // 32 to 34
        return new P256Point
        {
            X = (xy * plus) - (yz * w), // 35, 39, 40
            Y = (plus * minus) + (t0 * w), // 36 to 38
            Z = (yz * minus) + (xy * t0), // 41 to 43
        };
    }

    /// <summary>Complete doubling: the same paper, algorithm 6 (a = -3), 8 M + 3 S + 2 m_b.</summary>
    public readonly P256Point Double()
    {
        P256Element t0 = X.Square(); // 1
        P256Element t1 = Y.Square(); // 2
        P256Element t2 = Z.Square(); // 3
        P256Element xy = (X * Y).Double(); // 4, 5
        P256Element xz = (X * Z).Double(); // 6, 7
        P256Element u = (B * t2) - xz; // 8, 9
        u = u.Double() + u; // 10, 11
        P256Element minus = t1 - u; // 12
        P256Element plus = t1 + u; // 13
        t2 = t2.Double() + t2; // 16, 17
        P256Element w = (B * xz) - t2 - t0; // 18 to 20
        w = w.Double() + w; // 21, 22
        t0 = t0.Double() + t0 - t2; // 23 to 25
        P256Element yz = (Y * Z).Double(); // 28, 29
        return new P256Point
        {
            X = (minus * xy) - (yz * w), // 15, 30, 31
            Y = (plus * minus) + (t0 * w), // 14, 26, 27
            Z = (yz * t1).Double().Double(), // 32 to 34
        };
    }

    /// <summary>
    /// A point of 04, x, y: exactly <see cref="SizeInBytes"/> octets, both coordinates below the prime, on the curve. The point
    /// at infinity has no such encoding. For octets that are public or were authenticated.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> octets, out P256Point point)
    {
        point = Identity;
        if (octets.Length != SizeInBytes || octets[0] != 4)
        {
            return false;
        }

        Choice valid = P256Element.Decode(octets.Slice(1, P256Element.SizeInBytes), out P256Element x);
        valid &= P256Element.Decode(octets[(1 + P256Element.SizeInBytes)..], out P256Element y);
        point = new P256Point { X = x, Y = y, Z = P256Element.One };
        valid &= point.IsOnCurve();
        point.ConditionalAssign(Identity, !valid);
        return valid.Reveal();
    }

    /// <summary>Writes 04, x, y; the point at infinity, which has no such encoding, gives false and zeros.</summary>
    public readonly Choice Encode(Span<byte> octets)
    {
        P256Element inverse = Z.Invert();
        P256Element x = X * inverse;
        P256Element y = Y * inverse;
        octets[0] = 4;
        x.Encode(octets.Slice(1, P256Element.SizeInBytes));
        y.Encode(octets.Slice(1 + P256Element.SizeInBytes, P256Element.SizeInBytes));
        inverse.Clear();
        x.Clear();
        y.Clear();
        return !Z.IsZero();
    }

    /// <summary>True for projective coordinates of a point of the curve, infinity included; false for (0 : 0 : 0).</summary>
    public readonly Choice IsOnCurve()
    {
        P256Element z2 = Z.Square();
        P256Element left = Y.Square() * Z;
        P256Element right = (X * (X.Square() - (z2.Double() + z2))) + (B * z2 * Z);
        return P256Element.AreEqual(left, right) & !(X.IsZero() & Y.IsZero() & Z.IsZero());
    }

    /// <summary>(0 : y : 0) with y not zero. (0 : 0 : 0) is no point and gives false.</summary>
    public readonly Choice IsIdentity() => X.IsZero() & Z.IsZero() & !Y.IsZero();

    /// <summary>Equality of the points, whatever their projective coordinates.</summary>
    public static Choice AreEqual(in P256Point left, in P256Point right)
    {
        // Cross products; two points with Z = 0 are both infinity, since no valid point has y = z = 0.
        Choice x = P256Element.AreEqual(left.X * right.Z, right.X * left.Z);
        Choice y = P256Element.AreEqual(left.Y * right.Z, right.Y * left.Z);
        return x & y & !(left.Z.IsZero() ^ right.Z.IsZero());
    }

    public void ConditionalAssign(in P256Point source, Choice choice)
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
}
