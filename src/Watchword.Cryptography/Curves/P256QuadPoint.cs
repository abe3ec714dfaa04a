using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Four points of P-256 side by side, one per lane, in projective coordinates as <see cref="P256Point"/> has them. Coordinates have the
/// bound 1 and a size of at most 1.6 (<see cref="P256Quad"/>).
/// </summary>
internal struct P256QuadPoint
{
    public P256Quad X;
    public P256Quad Y;
    public P256Quad Z;

    /// <summary>Infinity in every lane.</summary>
    public static P256QuadPoint Identity => new() { Y = P256Quad.One };

    /// <summary>One point in every lane.</summary>
    public static P256QuadPoint Broadcast(in P256Point point) => new()
    {
        X = P256Quad.Broadcast(point.X),
        Y = P256Quad.Broadcast(point.Y),
        Z = P256Quad.Broadcast(point.Z),
    };

    /// <summary>The lanes of a point in another order.</summary>
    public static void Permute<TOrder>(in P256QuadPoint point, out P256QuadPoint permuted)
        where TOrder : struct, ILaneOrder
    {
        P256Quad.Permute<TOrder>(point.X, out permuted.X);
        P256Quad.Permute<TOrder>(point.Y, out permuted.Y);
        P256Quad.Permute<TOrder>(point.Z, out permuted.Z);
    }

    public void SetLane(int lane, in P256Point point)
    {
        X.SetLane(lane, point.X);
        Y.SetLane(lane, point.Y);
        Z.SetLane(lane, point.Z);
    }

    /// <summary>The point in a lane.</summary>
    public readonly P256Point GetLane(int lane) => new() { X = X.GetLane(lane), Y = Y.GetLane(lane), Z = Z.GetLane(lane) };

    public void Clear()
    {
        X.Clear();
        Y.Clear();
        Z.Clear();
    }
}

/// <summary>Four finite points (x, y) side by side, as tables keep them. Coordinates have the bound 1 and a size of at most 1.1.</summary>
internal struct P256QuadEntry
{
    public P256Quad X;
    public P256Quad Y;
}
