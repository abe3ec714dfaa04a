using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography.Pairing;

/// <summary>The pairing value g = &lt;P, P&gt; of SAKKE parameter set 1 (RFC 6509 Appendix A), of order q.</summary>
internal static class SakkeTargetGroup
{
    public static TargetGroupElement Generator { get; } = DecodeGenerator();

    /// <summary>The table for g^k.</summary>
    public static FixedBaseComb<TargetGroupElement> GeneratorComb { get; } = new(Generator, SakkeCurve.ScalarBits);

    /// <summary>g^scalar in constant time.</summary>
    public static TargetGroupElement PowerOfGenerator(in SakkeScalar scalar)
    {
        Span<ulong> words = stackalloc ulong[16];
        scalar.CopyIntegerTo(words);
        TargetGroupElement power = GeneratorComb.Multiply(words);
        words.Clear();
        return power;
    }

    private static TargetGroupElement DecodeGenerator()
    {
        byte[] octets = Convert.FromHexString(
            "66FC2A432B6EA392148F15867D623068C6A87BD1FB94C41E27FABE658E015A87" +
            "371E94744C96FEDA449AE9563F8BC446CBFDA85D5D00EF577072DA8F541721BE" +
            "EE0FAED1828EAB90B99DFB0138C7843355DF0460B4A9FD74B4F1A32BCAFA1FFA" +
            "D682C033A7942BCCE3720F20B9B7B0403C8CAE87B7A0042ACDE0FAB36461EA46");
        _ = TargetGroupElement.Decode(octets, out TargetGroupElement generator);
        return generator;
    }
}
