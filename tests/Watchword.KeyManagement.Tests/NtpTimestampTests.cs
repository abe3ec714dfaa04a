using System.Globalization;
using CsCheck;

namespace Watchword.KeyManagement.Tests;

public sealed class NtpTimestampTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2014-02-23T08:39:14Z", "D6B4323200000000")]
    [InlineData("1900-01-01T00:00:00Z", "0000000000000000")]
    [InlineData("1970-01-01T00:00:00.5Z", "83AA7E8080000000")]
    [InlineData("2036-02-07T06:28:15Z", "FFFFFFFF00000000")]
    [InlineData("2036-02-07T06:28:16Z", "0000000000000000")]
    [InlineData("2036-02-07T06:28:17.25Z", "0000000140000000")]
    public void A_time_has_its_hexadecimal_form(string time, string hex) =>
        NtpTimestamp.ToHex(NtpTimestamp.FromDateTimeOffset(Utc(time))).ShouldBe(hex);

    [Theory]
    [InlineData("0000000000000000", "2026-03-01T00:00:00Z", "2036-02-07T06:28:16Z")]
    [InlineData("0000000000000000", "1950-03-01T00:00:00Z", "1900-01-01T00:00:00Z")]
    [InlineData("FFFFFFFF00000000", "2036-02-08T00:00:00Z", "2036-02-07T06:28:15Z")]
    [InlineData("FFFFFFFF00000000", "2170-01-01T00:00:00Z", "2172-03-15T12:56:31Z")]
    [InlineData("D6B4323200000000", "2026-03-01T00:00:00Z", "2014-02-23T08:39:14Z")]
    public void The_era_nearest_to_the_reader_is_meant(string hex, string near, string expected)
    {
        NtpTimestamp.TryParseHex(hex, out ulong timestamp).ShouldBeTrue();
        NtpTimestamp.ToDateTimeOffset(timestamp, Utc(near)).ShouldBe(Utc(expected));
    }

    [Fact]
    public void A_time_comes_back_to_the_tick() =>
        Gen.Long[new DateTime(1960, 1, 1).Ticks, new DateTime(2090, 1, 1).Ticks].Sample(ticks =>
        {
            DateTimeOffset time = new(ticks, TimeSpan.Zero);
            return NtpTimestamp.ToDateTimeOffset(NtpTimestamp.FromDateTimeOffset(time), Now) == time;
        });

    [Fact]
    public void The_last_tick_of_a_second_does_not_become_the_next_second()
    {
        DateTimeOffset last = Now.AddTicks(-1);
        ulong timestamp = NtpTimestamp.FromDateTimeOffset(last);
        (timestamp >> 32).ShouldBe(NtpTimestamp.FromDateTimeOffset(Now.AddSeconds(-1)) >> 32);
        NtpTimestamp.ToDateTimeOffset(timestamp | uint.MaxValue, Now).ShouldBe(last);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    public void At_the_ends_of_the_calendar_a_time_is_still_found(string near)
    {
        DateTimeOffset reader = Utc(near);
        foreach (ulong timestamp in new[] { 0UL, 0x7FFFFFFF_FFFFFFFFUL, 0x80000000_00000000UL, ulong.MaxValue })
        {
            DateTimeOffset found = NtpTimestamp.ToDateTimeOffset(timestamp, reader);
            (NtpTimestamp.FromDateTimeOffset(found) >> 32).ShouldBe(timestamp >> 32);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("D6B432320000000")]
    [InlineData("D6B43232000000000")]
    [InlineData("d6b4323200000000")]
    [InlineData("D6B432320000000G")]
    [InlineData(" D6B432320000000")]
    [InlineData("0xD6B43232000000")]
    public void Anything_but_16_upper_case_digits_is_refused(string text) =>
        NtpTimestamp.TryParseHex(text, out _).ShouldBeFalse();

    [Fact]
    public void Hexadecimal_digits_come_back() =>
        Gen.ULong.Sample(value => NtpTimestamp.TryParseHex(NtpTimestamp.ToHex(value), out ulong read) && read == value);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
