using Watchword.KeyManagement;

namespace Watchword.Kms.Tests;

public sealed class KeyPeriodPolicyTests
{
    private static readonly MasterSecrets Secrets = MasterSecrets.Generate();
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

    [Fact]
    public void Absurd_times_are_refused_and_do_not_overflow()
    {
        KeyTimeline timeline = Timeline(Generation(1, 1000));
        KeyPeriodPolicy policy = new(1, 1000);
        policy.Judge(timeline, Current.Start, DateTimeOffset.MaxValue).ShouldBe(KeyPeriodVerdict.NotOpen);
        policy.Judge(timeline, Current.Start, DateTimeOffset.MinValue).ShouldBe(KeyPeriodVerdict.Closed);
    }

    [Fact]
    public void A_changed_period_length_opens_with_the_window_of_the_old_one_and_goes_on_with_its_own()
    {
        DateTimeOffset change = Current.End;
        KeyTimeline timeline = Timeline(
            Generation(1, 1000, to: change), Generation(2, 100, from: change));
        KeyPeriodPolicy policy = new();
        policy.Judge(timeline, change.AddSeconds(-251), change).ShouldBe(KeyPeriodVerdict.NotOpen);
        policy.Judge(timeline, change.AddSeconds(-250), change).ShouldBe(KeyPeriodVerdict.Open);
        policy.Judge(timeline, change.AddSeconds(-26), change.AddSeconds(100)).ShouldBe(KeyPeriodVerdict.NotOpen);
        policy.Judge(timeline, change.AddSeconds(75), change.AddSeconds(100)).ShouldBe(KeyPeriodVerdict.Open);

        // History counts over the change.
        policy.Judge(timeline, change.AddSeconds(99), change.AddSeconds(-1)).ShouldBe(KeyPeriodVerdict.OnlyIfIssuedBefore);
        policy.Judge(timeline, change.AddSeconds(100), change.AddSeconds(-1)).ShouldBe(KeyPeriodVerdict.Closed);
    }

    [Fact]
    public void A_period_cut_by_a_change_belongs_to_the_generation_of_the_time_asked_for()
    {
        DateTimeOffset change = Current.Start.AddSeconds(400);
        KeyTimeline timeline = Timeline(Generation(1, 1000, to: change), Generation(2, 1000, from: change));
        KeySlot before = timeline.At(change.AddTicks(-1))!;
        KeySlot after = timeline.At(change)!;
        (before.Generation.Number, before.Period.Number, before.End).ShouldBe((1, Current.Number, change));
        (after.Generation.Number, after.Period.Number, after.Start, after.End).ShouldBe((2, Current.Number, change, Current.End));
        timeline.Before(after)!.IsSameAs(before).ShouldBeTrue();
        new KeyPeriodPolicy().Judge(timeline, change, Current.Start).ShouldBe(KeyPeriodVerdict.OnlyIfIssuedBefore);
    }

    [Fact]
    public void Where_no_generation_is_valid_nothing_is_open()
    {
        KeyTimeline timeline = Timeline(Generation(1, 1000, from: Current.Start, to: Current.End));
        KeyPeriodPolicy policy = new(1, 1000);
        policy.Judge(timeline, Current.Start, Current.End).ShouldBe(KeyPeriodVerdict.NotOpen);
        policy.Judge(timeline, Current.Start, Current.Start.AddTicks(-1)).ShouldBe(KeyPeriodVerdict.Closed);
        policy.Judge(timeline, Current.End, Current.Start).ShouldBe(KeyPeriodVerdict.Closed);
    }

    [Theory]
    [InlineData(-0.1, 1)]
    [InlineData(1.1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, -1)]
    [InlineData(0.5, 1001)]
    public void A_policy_outside_its_ranges_cannot_be_made(double fraction, int history) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new KeyPeriodPolicy(fraction, history));

    private static KeyPeriodVerdict Judge(KeyPeriodPolicy policy, int seconds, long away) => policy.Judge(
        Timeline(Generation(1, 1000)),
        Current.Start.AddSeconds(seconds),
        Current.Start.AddSeconds(1000 * Math.Max(away, -Current.Number - 1)));

    private static KeyTimeline Timeline(params DomainGeneration[] generations) => new(generations);

    private static DomainGeneration Generation(int number, long period, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        DomainRecord record = new()
        {
            KmsUri = "kms.x.example",
            Generation = number,
            SecretsGeneration = 1,
            Schedule = new KeyPeriodSchedule(period, 0),
            PublicAuthenticationKey = Secrets.Eccsi.PublicKey.Export(),
            PublicEncryptionKey = Secrets.Sakke.PublicKey.Export(),
            State = GenerationState.Active,
            ValidFrom = from,
            ValidTo = to,
            CreatedAt = Current.Start,
            StateChangedAt = Current.Start,
        };
        return new DomainGeneration(record, record.ToCertificate(), secrets: null, fault: null);
    }
}
