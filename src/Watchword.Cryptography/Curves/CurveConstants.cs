namespace Watchword.Cryptography.Curves;

/// <summary>Reading of the points that the standards fix.</summary>
internal static class CurveConstants
{
    public delegate bool Decoder<TPoint>(ReadOnlySpan<byte> octets, out TPoint point);

    public static TPoint Point<TPoint>(byte[] octets, Decoder<TPoint> decoder) =>
        decoder(octets, out TPoint point) ? point : throw new InvalidOperationException("A built-in point is not on its curve.");
}
