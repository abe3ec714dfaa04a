using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>From which lane each of the four lanes takes its value.</summary>
/// <remarks>A type and not an argument: the compiler makes a single instruction of each.</remarks>
internal interface ILaneOrder
{
    static abstract Vector256<long> Sources { get; }
}

/// <summary>The orders in use, named by the sources of lanes 0 to 3.</summary>
internal static class LaneOrder
{
    public readonly struct Order0000 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(0L, 0, 0, 0);
    }

    public readonly struct Order1111 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(1L, 1, 1, 1);
    }

    public readonly struct Order2222 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(2L, 2, 2, 2);
    }

    public readonly struct Order3333 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(3L, 3, 3, 3);
    }

    /// <summary>Neighbours swapped.</summary>
    public readonly struct Order1032 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(1L, 0, 3, 2);
    }

    /// <summary>Halves swapped.</summary>
    public readonly struct Order2301 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(2L, 3, 0, 1);
    }

    /// <summary>The two lower lanes, each twice.</summary>
    public readonly struct Order0011 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(0L, 0, 1, 1);
    }

    /// <summary>The lower half twice.</summary>
    public readonly struct Order0101 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(0L, 1, 0, 1);
    }

    public readonly struct Order2110 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(2L, 1, 1, 0);
    }

    public readonly struct Order2120 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(2L, 1, 2, 0);
    }

    /// <summary>Each lane takes the next; the last, the first.</summary>
    public readonly struct Order1230 : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(1L, 2, 3, 0);
    }
}

/// <summary>Masks of lanes: all ones in the lanes of the name.</summary>
internal static class LaneMask
{
    public static Vector256<double> Lane0 => Vector256.Create(-1L, 0, 0, 0).AsDouble();

    public static Vector256<double> Lane1 => Vector256.Create(0L, -1, 0, 0).AsDouble();

    public static Vector256<double> Lane2 => Vector256.Create(0L, 0, -1, 0).AsDouble();

    public static Vector256<double> Lane3 => Vector256.Create(0L, 0, 0, -1).AsDouble();

    /// <summary>Lanes 1 and 3.</summary>
    public static Vector256<double> Odd => Vector256.Create(0L, -1, 0, -1).AsDouble();

    /// <summary>Lanes 2 and 3.</summary>
    public static Vector256<double> High => Vector256.Create(0L, 0, -1, -1).AsDouble();

    public static Vector256<double> Lanes12 => Vector256.Create(0L, -1, -1, 0).AsDouble();
}
