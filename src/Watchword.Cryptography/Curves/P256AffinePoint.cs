namespace Watchword.Cryptography.Curves;

/// <summary>A finite point (x, y) of P-256; infinity has no such form. The default (0, 0) is no point.</summary>
internal struct P256AffinePoint
{
    public P256Element X;
    public P256Element Y;

    /// <summary>Writes 04, x, y: 65 octets.</summary>
    public readonly void Encode(Span<byte> octets)
    {
        octets[0] = 4;
        X.Encode(octets.Slice(1, P256Element.SizeInBytes));
        Y.Encode(octets.Slice(1 + P256Element.SizeInBytes, P256Element.SizeInBytes));
    }

    public void Clear()
    {
        X.Clear();
        Y.Clear();
    }
}
