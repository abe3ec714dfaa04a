using System.Globalization;

namespace Watchword.KeyManagement.Xml;

/// <summary>
/// xsd:dateTime (XML Schema 2 §3.2.7) with years 0001 to 9999. A time without zone is UTC: the samples of TS 33.180 D.3.4
/// have none.
/// </summary>
internal static class XmlTime
{
    private const int SecondsEnd = 19;

    /// <summary>Writes a time in UTC, with as many fractional digits as it needs.</summary>
    public static string ToString(DateTimeOffset time, bool withZone)
    {
        string text = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        return withZone ? text + "Z" : text;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < SecondsEnd || !TrySplit(text[SecondsEnd..], out long ticks, out int offsetMinutes))
        {
            return false;
        }

        // 24:00:00 is the end of that day (§3.2.7.1).
        bool endOfDay = text[10..SecondsEnd] is "T24:00:00";
        if (endOfDay && ticks != 0)
        {
            return false;
        }

        Span<char> local = stackalloc char[SecondsEnd];
        text[..SecondsEnd].CopyTo(local);
        if (endOfDay)
        {
            "T00:00:00".CopyTo(local[10..]);
        }

        if (!DateTime.TryParseExact(
            local, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime parsed))
        {
            return false;
        }

        long utc = parsed.Ticks + ticks + (endOfDay ? TimeSpan.TicksPerDay : 0) - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    /// <summary>True if a time that can be parsed says its zone.</summary>
    public static bool HasZone(ReadOnlySpan<char> text) =>
        text.Length > SecondsEnd && text[SecondsEnd..].ContainsAny('Z', '+', '-');

    /// <summary>Fraction and zone, both optional.</summary>
    private static bool TrySplit(ReadOnlySpan<char> rest, out long ticks, out int offsetMinutes)
    {
        ticks = 0;
        offsetMinutes = 0;
        if (rest.StartsWith("."))
        {
            int digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
            digits = digits < 0 ? rest.Length - 1 : digits;
            if (digits == 0)
            {
                return false;
            }

            // Finer than 100 ns is cut off.
            for (int i = 0; i < 7; i++)
            {
                ticks = (ticks * 10) + (i < digits ? rest[1 + i] - '0' : 0);
            }

            rest = rest[(1 + digits)..];
        }

        return rest is "" or "Z" || TryParseOffset(rest, out offsetMinutes);
    }

    private static bool TryParseOffset(ReadOnlySpan<char> zone, out int minutes)
    {
        minutes = 0;
        if (zone.Length != 6 || zone[0] is not ('+' or '-') || zone[3] != ':'
            || !int.TryParse(zone[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out int hour)
            || !int.TryParse(zone[4..], NumberStyles.None, CultureInfo.InvariantCulture, out int minute)
            || minute > 59 || (hour * 60) + minute > 14 * 60)
        {
            return false;
        }

        minutes = ((hour * 60) + minute) * (zone[0] == '-' ? -1 : 1);
        return true;
    }
}
