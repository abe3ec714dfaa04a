using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Tests;

/// <summary>A requester has as many requests as a minute allows, and they come back evenly.</summary>
public sealed class RequesterBudgetsTests
{
    private static readonly (string, string) Alice = ("https://idm.example", "alice");
    private static readonly (string, string) Bob = ("https://idm.example", "bob");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_full_bucket_is_spent_at_once_and_fills_request_by_request()
    {
        RequesterBudgets budgets = new(6, _time);
        Take(budgets, Alice, 10).ShouldBe(6);
        budgets.TryTake(Alice, out TimeSpan wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9));
        budgets.TryTake(Alice, out wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(1));
        _time.Advance(wait);
        Take(budgets, Alice, 3).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(30));
        Take(budgets, Alice, 10).ShouldBe(3);
        Take(budgets, Bob, 10).ShouldBe(6);
    }

    [Fact]
    public void Nobody_gets_more_than_twice_the_limit_in_any_minute_or_less_than_the_limit_over_an_hour()
    {
        const int Limit = 12;
        RequesterBudgets budgets = new(Limit, _time);
        List<DateTimeOffset> taken = [];
        DateTimeOffset begin = _time.GetUtcNow();
        while (_time.GetUtcNow() - begin < TimeSpan.FromHours(1))
        {
            if (budgets.TryTake(Alice, out TimeSpan wait))
            {
                taken.Add(_time.GetUtcNow());
                wait.ShouldBe(TimeSpan.Zero);
            }
            else
            {
                wait.ShouldBeInRange(TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
            }

            _time.Advance(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, 2000)));
        }

        taken.Count.ShouldBeInRange((60 * Limit) - 60, (61 * Limit) + 1);
        for (int i = 0; i + (2 * Limit) < taken.Count; i++)
        {
            (taken[i + (2 * Limit)] - taken[i]).ShouldBeGreaterThan(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void The_turn_of_the_minute_gives_nothing_away()
    {
        RequesterBudgets budgets = new(60, _time);
        _time.Advance(TimeSpan.FromSeconds(59));
        Take(budgets, Alice, 100).ShouldBe(60);
        _time.Advance(TimeSpan.FromSeconds(2));
        Take(budgets, Alice, 100).ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(59));
        Take(budgets, Alice, 100).ShouldBe(59);
        _time.Advance(TimeSpan.FromMinutes(10));
        Take(budgets, Alice, 100).ShouldBe(60);
    }

    private static int Take(RequesterBudgets budgets, (string, string) requester, int times) =>
        Enumerable.Range(0, times).Count(_ => budgets.TryTake(requester, out TimeSpan _));
}
