using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Four points of P-256 side by side, one per lane, in projective coordinates as <see cref="P256Point"/> has them. Coordinates
/// have the bound 1 and a size of at most 1.6 (<see cref="P256Quad"/>).
/// </summary>
internal struct P256QuadPoint
{
    public P256Quad X;
    public P256Quad Y;
    public P256Quad Z;

    /// <summary>Infinity in every lane.</summary>
    public static P256QuadPoint Identity => new() { Y = P256Quad.One };

    /// <summary>The point of one lane, and infinity in the others.</summary>
    public static void SelectLane(in P256QuadPoint point, int lane, out P256QuadPoint selected)
    {
        Vector256<double> mask = Vector256.Equals(Vector256.Create(0L, 1, 2, 3), Vector256.Create((long)lane)).AsDouble();
        Select(mask, point, Identity, out selected);
    }

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

    /// <summary>
    /// The lanes of <paramref name="whenSet"/> whose mask is all ones, and the others of <paramref name="otherwise"/>.
    /// </summary>
    public static void Select(
        Vector256<double> mask, in P256QuadPoint whenSet, in P256QuadPoint otherwise, out P256QuadPoint selected)
    {
        P256Quad.Select(mask, whenSet.X, otherwise.X, out selected.X);
        P256Quad.Select(mask, whenSet.Y, otherwise.Y, out selected.Y);
        P256Quad.Select(mask, whenSet.Z, otherwise.Z, out selected.Z);
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

/// <summary>
/// Four finite points (x, y) side by side, as tables keep them. Coordinates have the bound 1 and a size of at most 1.1.
/// </summary>
internal struct P256QuadEntry
{
    public P256Quad X;
    public P256Quad Y;

    /// <summary>One of the four as y, 0, x, 0.</summary>
    public readonly void CopyLane(int lane, ref P256Quad destination)
    {
        ref double x = ref Unsafe.Add(ref Unsafe.As<P256Quad, double>(ref Unsafe.AsRef(in X)), lane);
        ref double y = ref Unsafe.Add(ref Unsafe.As<P256Quad, double>(ref Unsafe.AsRef(in Y)), lane);
        ref Vector256<double> target = ref Unsafe.As<P256Quad, Vector256<double>>(ref destination);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            Unsafe.Add(ref target, i) = Vector256.Create(
                Unsafe.Add(ref y, P256Quad.Lanes * i), 0, Unsafe.Add(ref x, P256Quad.Lanes * i), 0);
        }
    }
}
