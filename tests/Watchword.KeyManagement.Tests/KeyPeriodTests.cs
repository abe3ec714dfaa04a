using CsCheck;

namespace Watchword.KeyManagement.Tests;

public sealed class KeyPeriodTests
{
    private const long ThirtyDays = 2592000;

    private static readonly Gen<DateTimeOffset> Times =
        Gen.Long[new DateTime(1970, 1, 1).Ticks, new DateTime(2200, 1, 1).Ticks].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    [Theory]
    [InlineData("2014-01-26T10:07:14Z", 1388)]
    [InlineData("2026-01-01T00:00:00Z", 1534)]
    [InlineData("1900-01-01T00:00:00Z", 0)]
    public void Thirty_day_periods_count_from_1900(string time, long number) =>
        new KeyPeriodSchedule(ThirtyDays, 0).At(Utc(time)).Number.ShouldBe(number);

    [Fact]
    public void A_boundary_belongs_to_the_period_that_begins()
    {
        KeyPeriodSchedule schedule = new(ThirtyDays, 3600);
        KeyPeriod period = schedule.FromNumber(1534);
        schedule.At(period.Start).ShouldBe(period);
        schedule.At(period.End.AddTicks(-1)).ShouldBe(period);
        schedule.At(period.Start.AddTicks(-1)).ShouldBe(schedule.FromNumber(1533));
        schedule.At(period.End).ShouldBe(schedule.FromNumber(1535));
        period.Contains(period.Start).ShouldBeTrue();
        period.Contains(period.End).ShouldBeFalse();
        period.Contains(period.Start.AddTicks(-1)).ShouldBeFalse();
        schedule.FromNumber(1535).Start.ShouldBe(period.End);
    }

    [Fact]
    public void The_offset_moves_every_boundary()
    {
        KeyPeriodSchedule schedule = new(86400, 7200);
        schedule.At(Utc("2026-03-01T01:59:59Z")).End.ShouldBe(Utc("2026-03-01T02:00:00Z"));
        schedule.At(Utc("2026-03-01T02:00:00Z")).Start.ShouldBe(Utc("2026-03-01T02:00:00Z"));
        schedule.FromNumber(0).Start.ShouldBe(Utc("1900-01-01T02:00:00Z"));
    }

    [Fact]
    public void The_wrap_of_ntp_seconds_in_2036_is_no_boundary()
    {
        KeyPeriodSchedule schedule = new(86400, 0);
        DateTimeOffset wrap = Utc("2036-02-07T06:28:16Z");
        NtpTimestamp.FromDateTimeOffset(wrap).ShouldBe(0UL);
        schedule.At(wrap.AddTicks(-1)).Number.ShouldBe(49710);
        schedule.At(wrap).Number.ShouldBe(49710);
        schedule.At(wrap).Start.ShouldBe(Utc("2036-02-07T00:00:00Z"));
        schedule.At(Utc("2036-02-08T00:00:00Z")).Number.ShouldBe(49711);
    }

    [Fact]
    public void A_local_time_counts_as_the_instant_that_it_is()
    {
        KeyPeriodSchedule schedule = new(86400, 0);
        schedule.At(new DateTimeOffset(2026, 3, 1, 0, 30, 0, TimeSpan.FromHours(1))).ShouldBe(schedule.At(Utc("2026-02-28T23:30:00Z")));
    }

    [Fact]
    public void Every_time_lies_in_its_period_and_in_no_other() =>
        Gen.Select(Times, Gen.Long[1, 400 * 86400L], Gen.Double[0, 1]).Sample((time, length, fraction) =>
        {
            KeyPeriodSchedule schedule = new(length, (long)(fraction * (length - 1)));
            KeyPeriod period = schedule.At(time);
            return period.Contains(time) && schedule.FromNumber(period.Number) == period
                && !schedule.FromNumber(period.Number + 1).Contains(time)
                && !schedule.FromNumber(period.Number - 1).Contains(time)
                && (period.End - period.Start).TotalSeconds == length;
        });

    [Fact]
    public void Numbers_that_mean_no_time_are_refused()
    {
        KeyPeriodSchedule schedule = new(ThirtyDays, 0);
        Should.Throw<ArgumentOutOfRangeException>(() => schedule.FromNumber(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => schedule.FromNumber(long.MaxValue));
        Should.Throw<ArgumentOutOfRangeException>(() => schedule.At(Utc("1899-12-31T23:59:59Z")));
        Should.Throw<ArgumentOutOfRangeException>(() => new KeyPeriodSchedule(ThirtyDays, 5).At(Utc("1900-01-01T00:00:04Z")));
        schedule.TryFromNumber(long.MinValue, out _).ShouldBeFalse();
        new KeyPeriodSchedule(long.MaxValue, long.MaxValue - 1).TryFromNumber(1, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_period_without_end_ends_with_the_calendar()
    {
        KeyPeriod period = new KeyPeriodSchedule(long.MaxValue, 0).At(Utc("2026-01-01T00:00:00Z"));
        period.Number.ShouldBe(0);
        period.End.ShouldBe(DateTimeOffset.MaxValue);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(10, -1)]
    [InlineData(10, 10)]
    public void A_schedule_outside_its_bounds_is_refused(long period, long offset) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new KeyPeriodSchedule(period, offset));

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
