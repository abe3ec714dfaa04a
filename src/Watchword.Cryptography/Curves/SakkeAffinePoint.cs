namespace Watchword.Cryptography.Curves;

/// <summary>
/// A finite point (x, y) of the curve of SAKKE parameter set 1; infinity has no such form. The default (0, 0) is the point of
/// order 2.
/// </summary>
internal struct SakkeAffinePoint
{
    public SakkeElement X;
    public SakkeElement Y;

    /// <summary>The affine form of a point that is not infinity; (0, 0) for infinity.</summary>
    public static SakkeAffinePoint From(in SakkePoint point)
    {
        SakkeElement inverse = point.Z.Invert();
        return new SakkeAffinePoint { X = point.X * inverse, Y = point.Y * inverse };
    }

    /// <summary>Writes 04, x, y: 257 octets.</summary>
    public readonly void Encode(Span<byte> octets)
    {
        octets[0] = 4;
        X.Encode(octets.Slice(1, SakkeElement.SizeInBytes));
        Y.Encode(octets.Slice(1 + SakkeElement.SizeInBytes, SakkeElement.SizeInBytes));
    }

    public void Clear()
    {
        X.Clear();
        Y.Clear();
    }
}
