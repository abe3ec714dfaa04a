using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// An element of PF_p = F_p²*/F_p* (RFC 6508 §2.1): any a + bi of its class, kept as such until it is encoded as its
/// representative b/a. Written additively here. The default value 0 is no element.
/// </summary>
internal struct TargetGroupElement : IGroupElement<TargetGroupElement>
{
    public const int SizeInBytes = 128;

    public SakkeQuadraticElement Value;

    public static TargetGroupElement Identity => new() { Value = SakkeQuadraticElement.One };

    public static TargetGroupElement operator +(in TargetGroupElement left, in TargetGroupElement right) =>
        new() { Value = left.Value * right.Value };

    /// <summary>a + bi and c + di are in one class if ad = bc; 0 equals nothing.</summary>
    public static Choice AreEqual(in TargetGroupElement left, in TargetGroupElement right) =>
        SakkeElement.AreEqual(left.Value.Re * right.Value.Im, left.Value.Im * right.Value.Re) & !left.IsZero() & !right.IsZero();

    /// <summary>The class of 1 + ti for exactly 128 octets of t below p.</summary>
    public static Choice Decode(ReadOnlySpan<byte> octets, out TargetGroupElement element)
    {
        Choice valid = SakkeElement.Decode(octets, out SakkeElement representative);
        element = new TargetGroupElement { Value = new SakkeQuadraticElement { Re = SakkeElement.One, Im = representative } };
        return valid;
    }

    public readonly TargetGroupElement Double() => new() { Value = Value.Square() };

    /// <summary>
    /// Writes b/a as 128 octets, leading zeros kept. The class of i, of order 2, has no representative and gives zeros; no power
    /// of a pairing value of order q is that class.
    /// </summary>
    public readonly void Encode(Span<byte> octets)
    {
        SakkeElement representative = Value.Im * Value.Re.Invert();
        representative.Encode(octets);
        representative.Clear();
    }

    public void Clear() => Value.Clear();

    private readonly Choice IsZero() => Value.Re.IsZero() & Value.Im.IsZero();
}
