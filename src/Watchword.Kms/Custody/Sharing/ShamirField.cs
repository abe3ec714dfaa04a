namespace Watchword.Kms;

/// <summary>
/// GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, as AES has it (FIPS 197 4). An element is an octet, zero included. No table, no
/// branch and no index depends on a value.
/// </summary>
internal static class ShamirField
{
    private const uint Reduction = 0x1B;

    public static byte Multiply(byte left, byte right)
    {
        uint multiplicand = left;
        uint product = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            product ^= multiplicand & (0U - (((uint)right >> bit) & 1));
            multiplicand = (multiplicand << 1) ^ (Reduction & (0U - (multiplicand >> 7)));
            multiplicand &= 0xFF;
        }

        return (byte)product;
    }

    /// <summary>x^254: the inverse, and zero for zero.</summary>
    public static byte Invert(byte value)
    {
        // 254 = 2 + 4 + 8 + 16 + 32 + 64 + 128.
        byte square = value;
        byte product = 1;
        for (int i = 1; i < 8; i++)
        {
            square = Multiply(square, square);
            product = Multiply(product, square);
        }

        return product;
    }
}
