namespace Watchword.Kms.Tests;

public sealed class PickUpScheduleTests
{
    private static readonly DateTimeOffset Opens = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Begins = Opens.AddSeconds(1000);

    [Fact]
    public void Every_hint_lies_in_the_window_and_leaves_time_for_retries()
    {
        foreach (PickUp hint in Hints(period: 7))
        {
            hint.NotBefore.ShouldBeInRange(Opens, Opens.AddSeconds(800));
            (hint.NotAfter - hint.NotBefore).ShouldBe(TimeSpan.FromSeconds(150));
            hint.NotAfter.ShouldBeLessThan(Begins);
        }
    }

    [Fact]
    public void Identities_are_spread_evenly_over_four_fifths_of_the_window()
    {
        int[] tenths = [.. Hints(period: 7).GroupBy(hint => (int)((hint.NotBefore - Opens).TotalSeconds / 80))
            .Where(tenth => tenth.Key < 10).Select(tenth => tenth.Count())];
        tenths.Length.ShouldBe(10);
        tenths.ShouldAllBe(count => count > 140 && count < 260);
    }

    [Fact]
    public void The_same_identity_always_has_the_same_place_and_another_in_the_next_period()
    {
        Hints(period: 7).ShouldBe(Hints(period: 7));
        Hints(period: 7).Zip(Hints(period: 8)).Count(pair => pair.First == pair.Second).ShouldBeLessThan(30);
        PickUp first = PickUpSchedule.For("kms.x.example", 1, 7, "sip:a@x.example", Opens, Begins);
        PickUpSchedule.For("kms.x.example", 2, 7, "sip:a@x.example", Opens, Begins).ShouldNotBe(first);
        PickUpSchedule.For("kms.y.example", 1, 7, "sip:a@x.example", Opens, Begins).ShouldNotBe(first);
    }

    [Fact]
    public void A_window_that_ends_before_it_begins_is_none() => Should.Throw<ArgumentOutOfRangeException>(
        () => PickUpSchedule.For("kms.x.example", 1, 7, "sip:a@x.example", Begins, Opens));

    private static PickUp[] Hints(long period) => [.. Enumerable.Range(0, 2000)
        .Select(i => PickUpSchedule.For("kms.x.example", 1, period, $"sip:u{i}@x.example", Opens, Begins))];
}
