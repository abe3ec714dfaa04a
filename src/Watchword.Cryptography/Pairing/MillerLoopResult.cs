using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>What the Miller loop gives before the final power: a value of F_p² up to a factor in F_p.</summary>
internal struct MillerLoopResult
{
    public SakkeQuadraticElement Value;

    /// <summary>
    /// The final power. (p² - 1)/q = 4(p - 1); raising to p - 1 is what taking the class in F_p²*/F_p* does, so two squarings are
    /// left (RFC 6508 §3.2).
    /// </summary>
    public readonly TargetGroupElement FinalPower() => new() { Value = Value.Square().Square() };

    public void Clear() => Value.Clear();
}
