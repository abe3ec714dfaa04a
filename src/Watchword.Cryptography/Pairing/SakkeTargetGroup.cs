using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>The pairing value g = &lt;P, P&gt; of SAKKE parameter set 1 (RFC 6509 Appendix A), of order q.</summary>
internal static class SakkeTargetGroup
{
    public static TargetGroupElement Generator { get; } = DecodeGenerator();

    /// <summary>g^scalar in constant time.</summary>
    public static TargetGroupElement PowerOfGenerator(in SakkeScalar scalar)
    {
        Span<ulong> words = stackalloc ulong[16];
        scalar.CopyIntegerTo(words);
        Tables.Generator.Multiply(words, out TargetQuad power);
        TargetGroupElement element = power.GetLane(0);
        power.Clear();
        words.Clear();
        return element;
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

    /// <summary>Made when it is first asked for, and not with the element.</summary>
    private static class Tables
    {
        public static LaneComb<TargetLaneGroup, TargetQuad, TargetQuadEntry> Generator { get; } =
            new(TargetQuad.Broadcast(SakkeTargetGroup.Generator), SakkeOrder.Value, columns: 2);
    }
}
