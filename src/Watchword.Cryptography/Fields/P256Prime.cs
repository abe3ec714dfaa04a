namespace Watchword.Cryptography.Fields;

/// <summary>The prime of P-256: 2^256 - 2^224 + 2^192 + 2^96 - 1 (SP 800-186 §3.2.1.3).</summary>
/// <remarks>
/// The derived constants are functions of the modulus m alone, with R = 2^256: One = R mod m, RSquared = R² mod m,
/// InversionFactor = R² · 2^61 mod m, NegativeInverse = -1/m mod 2^64. A test recomputes them.
/// </remarks>
internal readonly struct P256Prime : IPrimeModulus
{
    public static ReadOnlySpan<ulong> Value =>
    [
        0xFFFFFFFFFFFFFFFF, 0x00000000FFFFFFFF, 0x0000000000000000, 0xFFFFFFFF00000001,
    ];

    public static ReadOnlySpan<ulong> One =>
    [
        0x0000000000000001, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF, 0x00000000FFFFFFFE,
    ];

    public static ReadOnlySpan<ulong> RSquared =>
    [
        0x0000000000000003, 0xFFFFFFFBFFFFFFFF, 0xFFFFFFFFFFFFFFFE, 0x00000004FFFFFFFD,
    ];

    public static ReadOnlySpan<ulong> InversionFactor =>
    [
        0x60000000A0000000, 0x4000000000000000, 0xDFFFFFFF7FFFFFFF, 0x5FFFFFFF5FFFFFFF,
    ];

    public static ulong NegativeInverse => 0x0000000000000001;
}
