using System.Net;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>Defect 2 of deployed servers: any past or future key period could be asked for.</summary>
public sealed class KeyPeriodTests : IAsyncLifetime
{
    private const string Alice = "sip:alice.ptt@mc.test.example";

    private KmsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0, 1, KmsError.PeriodNotOpen)]
    [InlineData(5399, 1, KmsError.PeriodNotOpen)]
    [InlineData(5400, 1, null)]
    [InlineData(7199, 1, null)]
    [InlineData(5400, 2, KmsError.PeriodNotOpen)]
    [InlineData(7199, 1000, KmsError.PeriodNotOpen)]
    [InlineData(0, 200_000, KmsError.PeriodNotOpen)]
    [InlineData(0, -1, KmsError.PeriodNotIssuedBefore)]
    [InlineData(0, -2, KmsError.PeriodClosed)]
    [InlineData(0, -1000, KmsError.PeriodClosed)]
    public async Task A_period_is_open_or_refused(int secondsIntoPeriod, int periodsAway, KmsError? expected)
    {
        DateTimeOffset start = _host.Time.GetUtcNow();
        _host.Time.Advance(TimeSpan.FromSeconds(secondsIntoPeriod));
        using Answer answer = await _host.KeyProvAsync(
            _host.Token(), Alice, start.AddSeconds(periodsAway * KmsHost.PeriodSeconds));
        if (expected is { } error)
        {
            answer.Status.ShouldBe(HttpStatusCode.Forbidden);
            answer.Error.ShouldBe(error);
        }
        else
        {
            answer.Status.ShouldBe(HttpStatusCode.OK);
            answer.KeySets.Single().ValidFrom.ShouldBe(start.AddSeconds(periodsAway * KmsHost.PeriodSeconds));
        }
    }

    [Fact]
    public async Task A_past_period_is_given_again_only_to_whom_it_was_given_then()
    {
        DateTimeOffset start = _host.Time.GetUtcNow();
        using Answer then = await _host.KeyProvAsync(_host.Token(), Alice);

        _host.Time.Advance(TimeSpan.FromSeconds(KmsHost.PeriodSeconds));
        using Answer again = await _host.KeyProvAsync(_host.Token(), Alice, start);
        KmsHost.SecretsOf(again.KeySets.Single()).ShouldBe(KmsHost.SecretsOf(then.KeySets.Single()));

        // The same identity in the token of another subject: he did not get the key then.
        using Answer other = await _host.KeyProvAsync(_host.Token(("sub", "eve")), Alice, start);
        other.Error.ShouldBe(KmsError.PeriodNotIssuedBefore);

        // Another identity of the same subject, which was not keyed then.
        using Answer otherUri = await _host.KeyProvAsync(_host.Token(), "sip:alice.data@mc.test.example", start);
        otherUri.Error.ShouldBe(KmsError.PeriodNotIssuedBefore);

        _host.Time.Advance(TimeSpan.FromSeconds(KmsHost.PeriodSeconds));
        using Answer closed = await _host.KeyProvAsync(_host.Token(), Alice, start);
        closed.Error.ShouldBe(KmsError.PeriodClosed);
    }

    [Fact]
    public async Task A_key_fetched_in_the_opening_window_is_the_one_of_the_next_period()
    {
        DateTimeOffset start = _host.Time.GetUtcNow();
        _host.Time.Advance(TimeSpan.FromSeconds(6000));
        using Answer early = await _host.KeyProvAsync(_host.Token(), Alice, start.AddSeconds(KmsHost.PeriodSeconds));
        _host.Time.Advance(TimeSpan.FromSeconds(1200));
        using Answer current = await _host.KeyProvAsync(_host.Token(), Alice);
        KmsHost.SecretsOf(current.KeySets.Single()).ShouldBe(KmsHost.SecretsOf(early.KeySets.Single()));
    }

    [Fact]
    public async Task Window_and_history_are_configurable()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:OpeningWindowFraction", "1"), ("Kms:HistoryPeriods", "0"));
        DateTimeOffset start = host.Time.GetUtcNow();
        using Answer next = await host.KeyProvAsync(host.Token(), Alice, start.AddSeconds(KmsHost.PeriodSeconds));
        next.Status.ShouldBe(HttpStatusCode.OK);
        host.Time.Advance(TimeSpan.FromSeconds(2 * KmsHost.PeriodSeconds));
        using Answer past = await host.KeyProvAsync(host.Token(), Alice, start.AddSeconds(KmsHost.PeriodSeconds));
        past.Error.ShouldBe(KmsError.PeriodClosed);
    }

    [Fact]
    public async Task A_clock_behind_the_last_audit_record_stops_issuing()
    {
        using Answer before = await _host.KeyProvAsync(_host.Token(), Alice);
        DateTimeOffset last = _host.Time.GetUtcNow();
        _host.Time.AdjustTime(last.AddMilliseconds(-1));
        using Answer refused = await _host.KeyProvAsync(_host.Token(), Alice);
        refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Error.ShouldBe(KmsError.ClockBehindAudit);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await _host.Client.PostAsync("/health/ready", null,
        TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        _host.Time.AdjustTime(last);
        using Answer after = await _host.KeyProvAsync(_host.Token(), Alice);
        after.Status.ShouldBe(HttpStatusCode.OK);
    }
}
