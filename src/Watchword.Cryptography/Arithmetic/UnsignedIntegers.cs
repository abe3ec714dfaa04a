using System.Runtime.CompilerServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>A fixed number of 64-bit limbs, least significant first.</summary>
internal interface ILimbs
{
    static abstract int Count { get; }
}

/// <summary>An unsigned integer below 2^256. The default is zero.</summary>
[InlineArray(4)]
internal struct UInt256 : ILimbs
{
    private ulong limb;

    public static int Count => 4;
}

/// <summary>An unsigned integer below 2^1024. The default is zero.</summary>
[InlineArray(16)]
internal struct UInt1024 : ILimbs
{
    private ulong limb;

    public static int Count => 16;
}
