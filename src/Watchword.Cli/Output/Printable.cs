using System.Globalization;
using System.Text;

namespace Watchword.Cli;

/// <summary>
/// Makes text that came from elsewhere safe to print: a URI in a message must not move the cursor or colour a line.
/// </summary>
internal static class Printable
{
    /// <summary>Replaces control, format and separator characters by <c>\u{XX}</c>.</summary>
    public static string Text(string value)
    {
        StringBuilder? changed = null;
        int position = 0;
        foreach (Rune rune in value.EnumerateRunes())
        {
            bool hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (hidden)
            {
                changed ??= new StringBuilder(value, 0, position, value.Length + 16);
                changed.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X2}}}");
            }
            else
            {
                changed?.Append(rune.ToString());
            }

            position += rune.Utf16SequenceLength;
        }

        return changed?.ToString() ?? value;
    }

    /// <summary>A moment as people read it: UTC, to the second.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A moment as machines read it: RFC 3339, UTC, to the second.</summary>
    public static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A number without separators.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Octets as lower-case hexadecimal.</summary>
    public static string Hex(ReadOnlySpan<byte> octets) => Convert.ToHexStringLower(octets);
}
