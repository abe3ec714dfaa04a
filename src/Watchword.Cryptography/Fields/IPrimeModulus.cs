namespace Watchword.Cryptography.Fields;

/// <summary>
/// An odd prime m of L limbs with its Montgomery constants; R = 2^(64 L). All limbs are least significant first.
/// </summary>
internal interface IPrimeModulus
{
    /// <summary>m.</summary>
    static abstract ReadOnlySpan<ulong> Value { get; }

    /// <summary>R mod m: the one of the Montgomery form.</summary>
    static abstract ReadOnlySpan<ulong> One { get; }

    /// <summary>R² mod m: multiplies an integer into Montgomery form.</summary>
    static abstract ReadOnlySpan<ulong> RSquared { get; }

    /// <summary>
    /// R² · 2^61 mod m: what <see cref="Arithmetic.SafeGcd"/> starts from, so that the inverse is in Montgomery form.
    /// </summary>
    static abstract ReadOnlySpan<ulong> InversionFactor { get; }

    /// <summary>-1/m mod 2^64.</summary>
    static abstract ulong NegativeInverse { get; }
}
