using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>The base point G of P-256 (SP 800-186 §3.2.1.3).</summary>
internal static class P256
{
    private static readonly byte[] GeneratorOctets = Convert.FromHexString(
        "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" +
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");

    /// <summary>04, x, y of G.</summary>
    public static ReadOnlySpan<byte> EncodedGenerator => GeneratorOctets;

    public static P256Point Generator { get; } = CurveConstants.Point<P256Point>(GeneratorOctets, P256Point.TryDecode);

    /// <summary>The table for [k]G.</summary>
    public static P256Comb GeneratorComb => Tables.Generator;

    /// <summary>The table for multiples of a point other than infinity: 78 KiB for one column, 42 for two.</summary>
    public static P256Comb CreateComb(in P256Point basis, int columns = 1) =>
        new(P256QuadPoint.Broadcast(basis), P256Order.Value, columns);

    /// <summary>[scalar]G in constant time.</summary>
    public static P256Point MultiplyGenerator(in P256Scalar scalar)
    {
        Span<ulong> words = stackalloc ulong[4];
        scalar.CopyIntegerTo(words);
        GeneratorComb.Multiply(words, out P256QuadPoint product);
        P256Point point = product.GetLane(0);
        product.Clear();
        words.Clear();
        return point;
    }

    /// <summary>Made when it is first asked for, and not with the point.</summary>
    private static class Tables
    {
        public static P256Comb Generator { get; } = CreateComb(P256.Generator);
    }
}
