namespace Watchword.KeyManagement.Enrolment;

/// <summary>
/// Five bits a digit, for QR codes (all digits are in their alphanumeric set) and for typing: the 32 digits leave out I, L, O and U;
/// I and L are read as 1, O as 0, lower case as upper case. No branch or table index depends on a digit: they are key material.
/// </summary>
internal static class Base32
{
    public static int DigitsFor(int octets) => ((octets * 8) + 4) / 5;

    public static int OctetsFor(int digits) => digits * 5 / 8;

    /// <summary>Writes the digits of octets; the last one is filled with zero bits.</summary>
    public static void Encode(ReadOnlySpan<byte> octets, Span<byte> digits)
    {
        int buffer = 0, bits = 0, at = 0;
        foreach (byte octet in octets)
        {
            buffer = (buffer << 8) | octet;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                digits[at++] = Digit((buffer >> (bits - 5)) & 31);
            }

            buffer &= 0xFF;
        }

        if (bits > 0)
        {
            digits[at] = Digit((buffer << (5 - bits)) & 31);
        }
    }

    /// <summary>Reads as many octets as the digits hold; false for another character, or for bits set that belong to no octet.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> digits, Span<byte> octets)
    {
        int buffer = 0, bits = 0, at = 0, bad = 0;
        foreach (byte digit in digits)
        {
            int value = Value(digit);
            bad |= value;
            buffer = ((buffer << 5) | (value & 31)) & 0xFFFF;
            bits += 5;
            if (bits >= 8)
            {
                octets[at++] = (byte)(buffer >> (bits - 8));
                bits -= 8;
            }
        }

        return bad >= 0 && (buffer & ((1 << bits) - 1)) == 0 && bits < 5;
    }

    /// <summary>The digit of a value 0 to 31.</summary>
    public static byte Digit(int value) =>
        (byte)('0' + value + (After(value, 9) * ('A' - '0' - 10)) + After(value, 17) + After(value, 19) + After(value, 21) + After(value, 26));

    /// <summary>The value 0 to 31 of a digit; a negative number for another character.</summary>
    public static int Value(byte digit)
    {
        int upper = digit - (Within(digit, 'a', 'z') & ('a' - 'A'));
        int letter = upper - 'A' + 10 - After(upper, 'I') - After(upper, 'L') - After(upper, 'O') - After(upper, 'U');
        int value = -1;
        value = Select(value, upper - '0', Within(upper, '0', '9'));
        value = Select(value, letter, Within(upper, 'A', 'Z'));
        value = Select(value, 1, Within(upper, 'I', 'I') | Within(upper, 'L', 'L'));
        value = Select(value, 0, Within(upper, 'O', 'O'));
        return Select(value, -1, Within(upper, 'U', 'U'));
    }

    /// <summary>1 if the value is greater than the bound, else 0.</summary>
    private static int After(int value, int bound) => (bound - value) >>> 31;

    /// <summary>All ones if first &lt;= value &lt;= last, else 0.</summary>
    private static int Within(int value, int first, int last) => ~(((value - first) | (last - value)) >> 31);

    private static int Select(int other, int chosen, int mask) => (other & ~mask) | (chosen & mask);
}
