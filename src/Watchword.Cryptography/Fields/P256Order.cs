namespace Watchword.Cryptography.Fields;

/// <summary>The prime order of P-256 (SP 800-186 §3.2.1.3), called q in RFC 6507.</summary>
/// <remarks>
/// The derived constants are functions of the modulus m alone, with R = 2^256: One = R mod m, RSquared = R² mod m,
/// InversionFactor = R² · 2^61 mod m, NegativeInverse = -1/m mod 2^64. A test recomputes them.
/// </remarks>
internal readonly struct P256Order : IPrimeModulus
{
    public static ReadOnlySpan<ulong> Value =>
    [
        0xF3B9CAC2FC632551, 0xBCE6FAADA7179E84, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000,
    ];

    public static ReadOnlySpan<ulong> One =>
    [
        0x0C46353D039CDAAF, 0x4319055258E8617B, 0x0000000000000000, 0x00000000FFFFFFFF,
    ];

    public static ReadOnlySpan<ulong> RSquared =>
    [
        0x83244C95BE79EEA2, 0x4699799C49BD6FA6, 0x2845B2392B6BEC59, 0x66E12D94F3D95620,
    ];

    public static ReadOnlySpan<ulong> InversionFactor =>
    [
        0x0334F44FE51C7CAA, 0x51F2908FEE83FCCC, 0x2C320ED56A3A2D7B, 0xA383E10A7A162D15,
    ];

    public static ulong NegativeInverse => 0xCCD1C8AAEE00BC4F;
}
