using Watchword.KeyManagement;

namespace Watchword.Kms.Tests;

public sealed class KeyPeriodPolicyTests
{
    private static readonly KeyPeriod Current = new KeyPeriodSchedule(1000, 0).FromNumber(4_000_000);

    [Theory]
    [InlineData(0, 0, KeyPeriodVerdict.Open)]
    [InlineData(999, 0, KeyPeriodVerdict.Open)]
    [InlineData(749, 1, KeyPeriodVerdict.NotOpen)]
    [InlineData(750, 1, KeyPeriodVerdict.Open)]
    [InlineData(750, 2, KeyPeriodVerdict.NotOpen)]
    [InlineData(0, -1, KeyPeriodVerdict.OnlyIfIssuedBefore)]
    [InlineData(0, -2, KeyPeriodVerdict.Closed)]
    [InlineData(0, -4_000_001, KeyPeriodVerdict.Closed)]
    public void By_default_the_last_quarter_opens_the_next_period_and_one_past_period_counts(
        int seconds, long away, KeyPeriodVerdict verdict) =>
        Judge(new KeyPeriodPolicy(), seconds, away).ShouldBe(verdict);

    [Theory]
    [InlineData(0.0, 3, 999, 1, KeyPeriodVerdict.NotOpen)]
    [InlineData(1.0, 3, 0, 1, KeyPeriodVerdict.Open)]
    [InlineData(1.0, 3, 999, 2, KeyPeriodVerdict.NotOpen)]
    [InlineData(0.5, 3, 500, 1, KeyPeriodVerdict.Open)]
    [InlineData(0.5, 3, 0, -3, KeyPeriodVerdict.OnlyIfIssuedBefore)]
    [InlineData(0.5, 3, 0, -4, KeyPeriodVerdict.Closed)]
    [InlineData(0.5, 0, 0, -1, KeyPeriodVerdict.Closed)]
    public void Both_bounds_are_configurable(double fraction, int history, int seconds, long away, KeyPeriodVerdict verdict) =>
        Judge(new KeyPeriodPolicy(fraction, history), seconds, away).ShouldBe(verdict);

    [Theory]
    [InlineData(long.MaxValue, KeyPeriodVerdict.NotOpen)]
    [InlineData(long.MinValue, KeyPeriodVerdict.Closed)]
    public void Absurd_numbers_are_refused_and_do_not_overflow(long requested, KeyPeriodVerdict verdict) =>
        new KeyPeriodPolicy().Judge(Current.Number, Current.Start, Current.End, Current.Start, requested).ShouldBe(verdict);

    [Theory]
    [InlineData(-0.1, 1)]
    [InlineData(1.1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, -1)]
    [InlineData(0.5, 1001)]
    public void A_policy_outside_its_ranges_cannot_be_made(double fraction, int history) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new KeyPeriodPolicy(fraction, history));

    private static KeyPeriodVerdict Judge(KeyPeriodPolicy policy, int seconds, long away) =>
        policy.Judge(Current.Number, Current.Start, Current.End, Current.Start.AddSeconds(seconds), Current.Number + away);
}
