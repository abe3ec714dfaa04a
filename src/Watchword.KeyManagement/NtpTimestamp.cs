using System.Globalization;

namespace Watchword.KeyManagement;

/// <summary>
/// The 64-bit NTP timestamp (RFC 5905 §6) that Annex D puts into request paths (TS 33.180 D.2.4) and MIKEY into its T payload:
/// 32 bits of seconds since 1900-01-01 00:00 UTC modulo 2^32, then 32 bits of fraction. The seconds wrap on 2036-02-07.
/// </summary>
public static class NtpTimestamp
{
    /// <summary>Hexadecimal digits of a timestamp in a request path.</summary>
    public const int HexLength = 16;

    /// <summary>Start of era 0: 1900-01-01 00:00 UTC.</summary>
    public static DateTimeOffset Epoch { get; } = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whole seconds from 1900-01-01 to the last representable time of <see cref="DateTimeOffset"/>.</summary>
    internal static readonly long LastSecondSince1900 = WholeSecondsSince1900(DateTimeOffset.MaxValue);

    private static readonly long FirstSecondSince1900 = WholeSecondsSince1900(DateTimeOffset.MinValue);

    /// <summary>
    /// The timestamp of a time, in whatever era it lies; the fraction is rounded up to 2^-32 s, so that reading it gives back
    /// the same tick.
    /// </summary>
    public static ulong FromDateTimeOffset(DateTimeOffset time)
    {
        long seconds = WholeSecondsSince1900(time);
        long ticks = time.UtcTicks - Epoch.UtcTicks - (seconds * TimeSpan.TicksPerSecond);
        ulong fraction = (((ulong)ticks << 32) + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
        return ((ulong)(uint)seconds << 32) | fraction;
    }

    /// <summary>
    /// The time that a timestamp means, in the era that brings it nearest to <paramref name="near"/> (the reader's own time);
    /// truncated to 100 ns.
    /// </summary>
    public static DateTimeOffset ToDateTimeOffset(ulong timestamp, DateTimeOffset near)
    {
        long seconds = (uint)(timestamp >> 32);
        long distance = WholeSecondsSince1900(near) - seconds;
        long era = (distance + (1L << 31)) >> 32;
        seconds += era << 32;
        if (seconds > LastSecondSince1900)
        {
            seconds -= 1L << 32;
        }
        else if (seconds < FirstSecondSince1900)
        {
            seconds += 1L << 32;
        }

        long ticks = (long)(((timestamp & uint.MaxValue) * TimeSpan.TicksPerSecond) >> 32);
        return FromSecondsSince1900(seconds).AddTicks(ticks);
    }

    /// <summary>Writes a timestamp as 16 upper-case hexadecimal digits (TS 33.180 D.2.4).</summary>
    public static string ToHex(ulong timestamp) => timestamp.ToString("X16", CultureInfo.InvariantCulture);

    /// <summary>Reads exactly 16 upper-case hexadecimal digits; anything else is false.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out ulong timestamp)
    {
        timestamp = 0;
        if (text.Length != HexLength)
        {
            return false;
        }

        ulong value = 0;
        foreach (char digit in text)
        {
            if (!char.IsAsciiHexDigitUpper(digit))
            {
                return false;
            }

            value = (value << 4) | (uint)(digit <= '9' ? digit - '0' : digit - 'A' + 10);
        }

        timestamp = value;
        return true;
    }

    /// <summary>Whole seconds since 1900 without wrap, rounded towards the past; negative before 1900.</summary>
    internal static long WholeSecondsSince1900(DateTimeOffset time)
    {
        (long quotient, long remainder) = Math.DivRem(time.UtcTicks - Epoch.UtcTicks, TimeSpan.TicksPerSecond);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    /// <summary>The time a whole number of seconds after 1900.</summary>
    internal static DateTimeOffset FromSecondsSince1900(long seconds) =>
        new(Epoch.UtcTicks + (seconds * TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
