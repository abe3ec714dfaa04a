namespace Watchword.KeyManagement;

/// <summary>
/// Hexadecimal digits of either case, without a branch or table index that depends on the digit (they may be a key).
/// </summary>
internal static class Hexadecimal
{
    /// <summary>
    /// Decodes exactly two digits for each octet of <paramref name="destination"/>; false for any other length or character.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> digits, Span<byte> destination)
    {
        if (digits.Length != destination.Length * 2)
        {
            return false;
        }

        int bad = 0;
        for (int i = 0; i < destination.Length; i++)
        {
            int high = Nibble(digits[2 * i]);
            int low = Nibble(digits[(2 * i) + 1]);
            bad |= high | low;
            destination[i] = (byte)((high << 4) | (low & 0xF));
        }

        return bad >= 0;
    }

    /// <summary>Writes two upper-case digits for each octet.</summary>
    public static void Encode(ReadOnlySpan<byte> octets, Span<char> digits)
    {
        for (int i = 0; i < octets.Length; i++)
        {
            digits[2 * i] = Digit(octets[i] >> 4);
            digits[(2 * i) + 1] = Digit(octets[i] & 0xF);
        }
    }

    /// <summary>The value 0..15 of a digit, or a negative number for any other character.</summary>
    internal static int Nibble(char digit)
    {
        int value = -1;
        value = Select(value, digit - '0', digit, '0', '9');
        value = Select(value, digit - 'A' + 10, digit, 'A', 'F');
        return Select(value, digit - 'a' + 10, digit, 'a', 'f');
    }

    /// <summary><paramref name="chosen"/> if first &lt;= digit &lt;= last, else <paramref name="other"/>.</summary>
    private static int Select(int other, int chosen, int digit, int first, int last)
    {
        int outside = ((digit - first) | (last - digit)) >> 31;
        return (other & outside) | (chosen & ~outside);
    }

    private static char Digit(int nibble) => (char)('0' + nibble + ((('9' - '0' - nibble) >> 31) & ('A' - '9' - 1)));
}
