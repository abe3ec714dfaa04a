using System.Runtime.CompilerServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// A truth value that no branch depends on: a mask of all zeros (false, also the default) or all ones (true). It leaves this
/// form only through <see cref="Reveal"/>, which marks the places where an outcome becomes public.
/// </summary>
internal readonly struct Choice
{
    private readonly ulong mask;

    private Choice(ulong mask) => this.mask = mask;

    public static Choice False => default;

    public static Choice True => new(ulong.MaxValue);

    /// <summary>All ones or all zeros.</summary>
    public ulong Mask => mask;

    public static Choice operator &(Choice left, Choice right) => new(left.mask & right.mask);

    public static Choice operator |(Choice left, Choice right) => new(left.mask | right.mask);

    public static Choice operator ^(Choice left, Choice right) => new(left.mask ^ right.mask);

    public static Choice operator !(Choice value) => new(~value.mask);

    /// <summary>True if <paramref name="bit"/> is 1, false if it is 0; nothing else may be passed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Choice FromBit(ulong bit) => new(0UL - bit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Choice IsZero(ulong value) => FromBit(((value | (0UL - value)) >> 63) ^ 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Choice AreEqual(ulong left, ulong right) => IsZero(left ^ right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Select(ulong whenTrue, ulong whenFalse) => whenFalse ^ (mask & (whenTrue ^ whenFalse));

    /// <summary>Makes the value public: from here on control flow may depend on it.</summary>
    public bool Reveal() => mask != 0;
}
