using CsCheck;

namespace Watchword.Mikey.Tests;

public class TimestampTests
{
    [Fact]
    public void The_example_of_the_standard_is_reproduced()
    {
        DateTimeOffset time = new(2014, 2, 23, 8, 39, 14, TimeSpan.Zero);
        MikeyTimestamp timestamp = MikeyTimestamp.FromDateTimeOffset(time);
        timestamp.Value.ShouldBe(0xD6B4_3232_0000_0000UL);
        timestamp.ToDateTimeOffset(time.AddYears(3)).ShouldBe(time);
    }

    [Fact]
    public void A_half_second_is_the_top_bit_of_the_fraction() =>
        MikeyTimestamp.FromDateTimeOffset(new DateTimeOffset(2014, 2, 23, 8, 39, 14, 500, TimeSpan.Zero)).Value
            .ShouldBe(0xD6B4_3232_8000_0000UL);

    [Fact]
    public void The_offset_from_UTC_does_not_matter()
    {
        DateTimeOffset time = new(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(2));
        MikeyTimestamp.FromDateTimeOffset(time).Value.ShouldBe(MikeyTimestamp.FromDateTimeOffset(time.ToUniversalTime()).Value);
    }

    [Fact]
    public void Seconds_wrap_in_2036_and_the_nearest_era_is_chosen()
    {
        DateTimeOffset wrap = new(2036, 2, 7, 6, 28, 16, TimeSpan.Zero);
        MikeyTimestamp.FromDateTimeOffset(wrap).Value.ShouldBe(0UL);
        MikeyTimestamp.FromDateTimeOffset(wrap.AddSeconds(-1)).Value.ShouldBe(0xFFFF_FFFF_0000_0000UL);
        new MikeyTimestamp(MikeyTimestampType.NtpUtc, 0).ToDateTimeOffset(wrap.AddSeconds(-5)).ShouldBe(wrap);
        new MikeyTimestamp(MikeyTimestampType.NtpUtc, 0xFFFF_FFFF_0000_0000).ToDateTimeOffset(wrap.AddSeconds(5))
            .ShouldBe(wrap.AddSeconds(-1));
    }

    [Fact]
    public void A_time_survives_the_way_there_and_back() =>
        Gen.Select(Gen.Long[0, 3_000_000_000_0000000], Gen.Int[-1_000_000, 1_000_000]).Sample((ticks, skew) =>
        {
            DateTimeOffset time = new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(ticks);
            MikeyTimestamp.FromDateTimeOffset(time).ToDateTimeOffset(time.AddSeconds(skew)).ShouldBe(time);
        });

    [Fact]
    public void Every_value_is_a_time_near_every_clock() =>
        Gen.Select(Gen.ULong, Gen.Long[DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks]).Sample((value, ticks) =>
            new MikeyTimestamp(MikeyTimestampType.NtpUtc, value).ToDateTimeOffset(new DateTimeOffset(ticks, TimeSpan.Zero)));

    [Fact]
    public void A_time_before_1900_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => MikeyTimestamp.FromDateTimeOffset(DateTimeOffset.MinValue));
}
