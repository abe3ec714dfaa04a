using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>The base point P of SAKKE parameter set 1 (RFC 6509 Appendix A), of order q.</summary>
internal static class SakkeCurve
{
    /// <summary>The number of bits of q.</summary>
    public const int ScalarBits = 1022;

    /// <summary>Octets of the integers that <see cref="MultiplyGeneratorVarTime"/> takes.</summary>
    public const int ShortSizeInBytes = 32;

    /// <summary>With more columns a table of this curve gets slower and hardly smaller.</summary>
    private const int MaximalColumns = 13;

    public static SakkePoint Generator { get; } = CurveConstants.Point<SakkePoint>(
        Convert.FromHexString(
            "04" +
            "53FC09EE332C29AD0A7990053ED9B52A2B1A2FD60AEC69C698B2F204B6FF7CBF" +
            "B5EDB6C0F6CE2308AB10DB9030B09E1043D5F22CDB9DFA55718BD9E7406CE890" +
            "9760AF765DD5BCCB337C86548B72F2E1A702C3397A60DE74A7C1514DBA66910D" +
            "D5CFB4CC80728D87EE9163A5B63F73EC80EC46C4967E0979880DC8ABEAE63895" +
            "0A8249063F6009F1F9F1F0533634A135D3E82016029906963D778D821E141178" +
            "F5EA69F4654EC2B9E7F7F5E5F0DE55F66B598CCF9A140B2E416CFF0CA9E032B9" +
            "70DAE117AD547C6CCAD696B5B7652FE0AC6F1E80164AA989492D979FC5A4D5F2" +
            "13515AD7E9CB99A980BDAD5AD5BB4636ADB9B5706A67DCDE75573FD71BEF16D7"),
        SakkePoint.TryDecode);

    /// <summary>The table for [k]P.</summary>
    public static SakkeComb GeneratorComb => Tables.Generator;

    /// <summary>A table for multiples of a point of order q, of the shape that <see cref="GeneratorComb"/> has.</summary>
    public static SakkeComb CreateComb(in SakkePoint basis) => CreateComb(basis, GeneratorComb.Columns);

    /// <summary>A table for multiples of a point of order q; more columns make it smaller and slower.</summary>
    public static SakkeComb CreateComb(in SakkePoint basis, int columns) =>
        new(SakkeQuadPoint.Broadcast(basis), SakkeOrder.Value, columns);

    /// <summary>[scalar]P in constant time.</summary>
    public static SakkePoint MultiplyGenerator(in SakkeScalar scalar) => Multiply(GeneratorComb, scalar);

    /// <summary>
    /// [integer]P for at most <see cref="ShortSizeInBytes"/> big-endian octets, which are public: what UIDs are. A quarter of the
    /// time of any other multiple.
    /// </summary>
    public static SakkePoint MultiplyGeneratorVarTime(ReadOnlySpan<byte> octets)
    {
        Span<byte> padded = stackalloc byte[8 * ShortTables.Limit.Length];
        padded.Clear();
        octets.CopyTo(padded[^octets.Length..]);
        Span<ulong> words = stackalloc ulong[ShortTables.Limit.Length];
        Limbs.ReadBigEndian(padded, words);
        ShortTables.Comb.MultiplyVarTime(words, out SakkeQuadPoint sums);
        SakkeLaneGroup.SumLanes(ref sums);
        SakkePoint product = sums.GetLane(0);

        // For an even integer k the comb computes -[limit - k]P, as if the limit were the order.
        return (words[0] & 1) == 0 ? product + ShortTables.LimitMultiple : product;
    }

    /// <summary>[scalar]B in constant time, B being the base of the comb.</summary>
    public static SakkePoint Multiply(SakkeComb comb, in SakkeScalar scalar)
    {
        Span<ulong> words = stackalloc ulong[16];
        scalar.CopyIntegerTo(words);
        comb.Multiply(words, out SakkeQuadPoint product);
        SakkePoint point = product.GetLane(0);
        product.Clear();
        words.Clear();
        return point;
    }

    /// <summary>
    /// [scalar]B + [otherScalar]C in constant time, B and C being the bases of the combs, which are of one shape.
    /// </summary>
    public static SakkePoint MultiplyAdd(
        SakkeComb comb, in SakkeScalar scalar, SakkeComb otherComb, in SakkeScalar otherScalar)
    {
        Span<ulong> words = stackalloc ulong[16];
        Span<ulong> otherWords = stackalloc ulong[16];
        scalar.CopyIntegerTo(words);
        otherScalar.CopyIntegerTo(otherWords);
        comb.MultiplyAdd(words, otherComb, otherWords, out SakkeQuadPoint sum);
        SakkePoint point = sum.GetLane(0);
        sum.Clear();
        words.Clear();
        otherWords.Clear();
        return point;
    }

    /// <summary>Made when it is first asked for, and not with the point.</summary>
    private static class Tables
    {
        public static SakkeComb Generator { get; } =
            CreateComb(SakkeCurve.Generator, ColumnsWithin(Precomputation.BaseTableSizeInBytes));

        private static int ColumnsWithin(int sizeInBytes)
        {
            int columns = 1;
            while (columns < MaximalColumns && SakkeComb.EstimateSizeInBytes(ScalarBits, columns) > sizeInBytes)
            {
                columns++;
            }

            return columns;
        }
    }

    /// <summary>Multiples of P by integers below 2^256. Made when it is first asked for.</summary>
    private static class ShortTables
    {
        public static SakkeComb Comb { get; } = new(SakkeQuadPoint.Broadcast(Generator), Limit, columns: 1);

        /// <summary>[limit]P.</summary>
        public static SakkePoint LimitMultiple { get; } = VarTimeMultiplication.Multiply(Generator, Limit);

        /// <summary>2^256 + 1, in place of the order: odd, and above all these integers.</summary>
        public static ReadOnlySpan<ulong> Limit => [1, 0, 0, 0, 1];
    }
}
