namespace Watchword.Cryptography.Curves;

/// <summary>The base point P of SAKKE parameter set 1 (RFC 6509 Appendix A), of order q.</summary>
internal static class SakkeCurve
{
    /// <summary>The number of bits of q.</summary>
    public const int ScalarBits = 1022;

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
    public static FixedBaseComb<SakkePoint> GeneratorComb { get; } = new(Generator, ScalarBits);

    /// <summary>[scalar]P in constant time.</summary>
    public static SakkePoint MultiplyGenerator(in SakkeScalar scalar) => Multiply(GeneratorComb, scalar);

    /// <summary>[scalar]B in constant time, B being the base of the comb.</summary>
    public static SakkePoint Multiply(FixedBaseComb<SakkePoint> comb, in SakkeScalar scalar)
    {
        Span<ulong> words = stackalloc ulong[16];
        scalar.CopyIntegerTo(words);
        SakkePoint product = comb.Multiply(words);
        words.Clear();
        return product;
    }
}
