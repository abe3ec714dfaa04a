using System.Net;
using System.Net.Http.Headers;
using Watchword.Client.Tests.Support;
using Watchword.KeyManagement;

namespace Watchword.Client.Tests;

public sealed class KeyRenewalTests : IAsyncLifetime
{
    private static readonly KeyRenewalOptions NoPartners = new() { RenewPartnerCertificates = false };

    /// <summary>For tests over many periods: the certificate is not what they are about.</summary>
    private static readonly KeyRenewalOptions KeysOnly = NoPartners with { CheckInterval = TimeSpan.FromDays(15) };

    private readonly TestProfile _profile = new();
    private readonly TestKms _kms;
    private readonly List<KeyRenewalEvent> _events = [];
    private KeyStore _store = null!;
    private TokenCache _tokens = null!;

    public KeyRenewalTests() => _kms = new TestKms(_profile.Time);

    public async ValueTask InitializeAsync()
    {
        _store = await _profile.OpenAsync();
        _tokens = await _profile.LogInToStoreAsync(_store);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _kms.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_identity_is_renewed_once_a_period_within_the_opening_window_and_never_late()
    {
        await RunUntilAsync(Now.AddDays(6 * 30), KeysOnly);

        foreach (string identity in (string[])[TestIdm.McpttId, TestIdm.McVideoId])
        {
            (DateTimeOffset At, AnnexDTarget Target)[] asked = KeyRequests(identity);
            asked.Length.ShouldBe(7);
            foreach ((DateTimeOffset at, AnnexDTarget target) in asked[1..])
            {
                DateTimeOffset boundary = NtpTimestamp.ToDateTimeOffset(target.Time!.Value, at);
                KeyPeriod next = Schedule.At(boundary);
                next.Start.ShouldBe(boundary);
                TimeSpan ahead = boundary - at;
                ahead.ShouldBeInRange(TimeSpan.FromDays(7.5 * 0.2), TimeSpan.FromDays(7.5));
            }

            asked[1..].Select(a => a.Target.Time).ShouldBeUnique();
        }
    }

    [Fact]
    public async Task Moments_are_spread_over_the_window_and_differ_between_identities_and_periods()
    {
        await RunUntilAsync(Now.AddDays(12 * 30), KeysOnly);

        double[] places = [.. _kms.Requests.Where(r => r.Target.Time is not null).Select(Place)];
        places.Length.ShouldBe(24);
        // Twenty-four draws all in one half, or two of them the same, are as good as impossible.
        places.ShouldContain(p => p < 0.4);
        places.ShouldContain(p => p > 0.4);
        places.ShouldBeUnique();
    }

    [Fact]
    public async Task A_restart_draws_no_new_moment()
    {
        KeyRenewalPass first = await Renewal().RunOnceAsync();
        KeyRenewalPass second = await Renewal().RunOnceAsync();
        DateTimeOffset[] plans = [.. Plans("next")];

        plans.Length.ShouldBe(2);
        _store.Dispose();
        _store = await _profile.OpenAsync();
        _tokens = new TokenCache(_profile.IdmClient, _store);
        _ = await Renewal().RunOnceAsync();

        Plans("next").ShouldBe(plans);
        second.Events.ShouldBeEmpty();
        second.NextAt.ShouldBe(first.NextAt);
    }

    [Fact]
    public async Task A_machine_that_slept_through_the_window_and_the_boundary_catches_up_at_once()
    {
        _ = await Renewal().RunOnceAsync();
        KeyPeriod current = Schedule.At(Now);
        _profile.Time.SetUtcNow(current.End.AddDays(10));

        KeyRenewalPass pass = await Renewal().RunOnceAsync();

        pass.Events.Where(e => e.Kind == KeyRenewalEventKind.KeySetRenewed).Select(e => e.Period!.Value.Number)
            .ShouldBe([current.Number + 1, current.Number + 1]);
        (await Renewal().RunOnceAsync()).Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_set_forward_and_back_leaves_the_true_periods_alone()
    {
        _ = await Renewal().RunOnceAsync();
        DateTimeOffset right = Now;
        _kms.Intercept = _ => _kms.Error(HttpStatusCode.Forbidden, 40305, "no such period yet");
        _profile.Time.SetUtcNow(right.AddYears(5));
        _ = await Renewal().RunOnceAsync();
        _kms.Intercept = _ => null;
        _profile.Time.AdjustTime(right);

        await RunUntilAsync(right.AddDays(45));

        long first = Schedule.At(right).Number;
        _store.KeySets.Select(k => k.Period.Number).Distinct().Take(2).ShouldBe([first, first + 1]);
        _store.KeySets.ShouldAllBe(k => k.Period.Number <= first + 2);
    }

    [Fact]
    public async Task A_refusal_is_asked_once_ahead_and_once_when_the_period_has_begun_and_then_after_the_next_log_in()
    {
        _ = await Renewal().RunOnceAsync();
        int before = _kms.Requests.Count;
        _kms.Intercept = n => _kms.Requests[n - 1].Target.Operation == AnnexDOperation.KeyProv ? _kms.Error(HttpStatusCode.Forbidden, 40312, "disabled") : null;
        DateTimeOffset boundary = Schedule.At(Now).End;

        await RunUntilAsync(boundary.AddDays(20));

        (DateTimeOffset At, AnnexDTarget Target)[] asked = [.. _kms.Requests.Skip(before).Where(r => r.Target.Operation == AnnexDOperation.KeyProv)];
        asked.Length.ShouldBe(4);
        asked.Count(a => a.Target.Time is null && a.At >= boundary && a.At <= boundary.AddMinutes(5)).ShouldBe(2);
        _kms.Intercept = _ => null;
        _tokens = await _profile.LogInToStoreAsync(_store);
        (await Renewal().RunOnceAsync()).Events.Count(e => e.Kind == KeyRenewalEventKind.KeySetRenewed).ShouldBe(2);
    }

    [Fact]
    public async Task A_failing_KMS_is_not_asked_again_at_once_and_less_and_less_often()
    {
        _kms.Intercept = _ => new HttpResponseMessage(HttpStatusCode.InternalServerError);
        DateTimeOffset start = Now;

        await RunUntilAsync(start.AddDays(1));

        TimeSpan[] gaps = [.. _kms.Requests.Zip(_kms.Requests.Skip(1), (a, b) => b.At - a.At)];
        gaps[0].ShouldBeInRange(TimeSpan.FromMinutes(2.5), TimeSpan.FromMinutes(5));
        gaps.ShouldAllBe(g => g >= TimeSpan.FromMinutes(2.5) && g <= TimeSpan.FromHours(1));
        gaps[6..].ShouldAllBe(g => g >= TimeSpan.FromMinutes(30));
        _kms.Requests.Count.ShouldBeLessThan(55);
        _events.ShouldAllBe(e => e.Kind == KeyRenewalEventKind.Postponed && e.RetryAt > e.At);
    }

    [Fact]
    public async Task A_busy_KMS_decides_how_long_it_is_left_alone_by_everything()
    {
        _kms.Intercept = n => n > 1 ? null : Busy(TimeSpan.FromHours(5));

        KeyRenewalPass pass = await Renewal().RunOnceAsync();

        pass.NextAt.ShouldBeGreaterThanOrEqualTo(Now.AddHours(5));
        _profile.Time.Advance(TimeSpan.FromHours(4.9));
        (await Renewal().RunOnceAsync()).Events.ShouldBeEmpty();
        _kms.Requests.Count.ShouldBe(1);
        _profile.Time.SetUtcNow(pass.NextAt);
        (await Renewal().RunOnceAsync()).Events.Count(e => e.Kind == KeyRenewalEventKind.KeySetRenewed).ShouldBe(2);
    }

    [Fact]
    public async Task An_unreachable_KMS_ends_the_pass_and_does_not_cost_the_period()
    {
        _ = await Renewal().RunOnceAsync();
        DateTimeOffset boundary = Schedule.At(Now).End;
        DateTimeOffset repaired = boundary.AddDays(-1);
        _kms.Intercept = _ => Now < repaired ? throw new HttpRequestException(HttpRequestError.ConnectionError) : null;

        await RunUntilAsync(boundary);

        _store.KeySets.Count(k => k.Period.Start == boundary).ShouldBe(2);
        _store.KeySets.ShouldAllBe(k => k.ReceivedAt < boundary);
    }

    [Fact]
    public async Task An_answer_that_does_not_hold_is_rejected_and_does_not_hold_up_the_other_identity()
    {
        _kms.BendKeySet = (uri, period) => _kms.Domain.Issue(uri, uri == TestIdm.McpttId ? period - 2 : period);

        KeyRenewalPass pass = await Renewal().RunOnceAsync();

        pass.Events.Single(e => e.Kind == KeyRenewalEventKind.Rejected).UserUri.ShouldBe(TestIdm.McpttId);
        pass.Events.Single(e => e.Kind == KeyRenewalEventKind.KeySetRenewed).UserUri.ShouldBe(TestIdm.McVideoId);
        pass.NextAt.ShouldBeInRange(Now.AddMinutes(2.5), Now.AddMinutes(5));
    }

    [Fact]
    public async Task Without_a_log_in_nothing_is_asked_and_somebody_is_told()
    {
        _store.ForgetTokens();

        KeyRenewalPass pass = await Renewal().RunOnceAsync();

        pass.Events.ShouldHaveSingleItem().Kind.ShouldBe(KeyRenewalEventKind.LogInNeeded);
        _kms.Requests.ShouldBeEmpty();
        pass.NextAt.ShouldBeGreaterThan(Now);
    }

    [Fact]
    public async Task The_KMS_certificate_is_looked_after_every_day_or_so()
    {
        await RunUntilAsync(Now.AddDays(20));

        (DateTimeOffset At, AnnexDTarget Target)[] inits = [.. _kms.Requests.Where(r => r.Target.Operation == AnnexDOperation.Init)];
        inits.Length.ShouldBeInRange(17, 27);
        inits.Zip(inits.Skip(1), (a, b) => b.At - a.At).ShouldAllBe(g => g >= TimeSpan.FromHours(18) && g <= TimeSpan.FromHours(30));
    }

    [Fact]
    public async Task New_keys_of_the_KMS_bring_new_key_sets_and_the_old_ones_stay()
    {
        _ = await Renewal().RunOnceAsync();
        _kms.Domain = TestDomain.Other;

        await RunUntilAsync(Now.AddDays(2));

        _events.ShouldContain(e => e.Kind == KeyRenewalEventKind.CertificateChanged);
        _store.KeySets.Count.ShouldBe(4);
        _store.Verify().ShouldAllBe(c => c.Fault == KeySetFault.None);
    }

    [Fact]
    public async Task The_loop_runs_under_a_clock_and_ends_when_it_is_cancelled()
    {
        using CancellationTokenSource ending = new();
        Task running = new KeyRenewal(Client(), _profile.Time, NoPartners with { MaxSleep = TimeSpan.FromHours(1) }).RunAsync(ending.Token);
        DateTimeOffset end = Now.AddDays(40);
        // Timers of a fake clock fire within Advance, on this thread: each step runs the loop as far as it goes.
        while (Now < end && _store.KeySets.Count < 4)
        {
            _profile.Time.Advance(TimeSpan.FromHours(1));
        }

        _store.KeySets.Count.ShouldBe(4);
        await ending.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_ends_the_wait_early()
    {
        Task waiting = KeyRenewal.WaitUntilAsync(Now.AddDays(1), _profile.Time, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        SettableTime set = new(Now);
        Task waitingThere = KeyRenewal.WaitUntilAsync(Now.AddDays(1), set, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        set.Jump(TimeSpan.FromDays(-3));

        await waitingThere;
        waiting.IsCompleted.ShouldBeFalse();
        _profile.Time.Advance(TimeSpan.FromDays(1));
        await waiting;
    }

    private DateTimeOffset Now => _profile.Time.GetUtcNow();

    private static KeyPeriodSchedule Schedule => TestDomain.Home.Certificate.Schedule;

    private KmClient Client() => new(new KmClientOptions { KmsUrl = TestKms.Url }, _kms, _tokens, _profile.Time);

    private KeyRenewal Renewal(KeyRenewalOptions? options = null) => new(Client(), _profile.Time, options ?? NoPartners);

    private async Task RunUntilAsync(DateTimeOffset end, KeyRenewalOptions? options = null)
    {
        KeyRenewal renewal = Renewal(options);
        while (Now < end)
        {
            KeyRenewalPass pass = await renewal.RunOnceAsync();
            _events.AddRange(pass.Events);
            pass.NextAt.ShouldBeGreaterThan(Now);
            _profile.Time.SetUtcNow(pass.NextAt < end ? pass.NextAt : end);
        }
    }

    private (DateTimeOffset At, AnnexDTarget Target)[] KeyRequests(string userUri) =>
        [.. _kms.Requests.Where(r => r.Target.Operation == AnnexDOperation.KeyProv && r.Target.Argument == userUri)];

    private DateTimeOffset[] Plans(string kind)
    {
        StoredCertificate root = _store.Root!;
        KeyPeriod next = Schedule.FromNumber(Schedule.At(Now).Number + 1);
        return
        [
            .. ((string[])[TestIdm.McpttId, TestIdm.McVideoId])
                .Select(uri => _store.FindPlan(new RenewalTarget(uri, root, next, next.Start, HasBegun: kind != "next").PlanName)!.DueAt),
        ];
    }

    /// <summary>Where in the window a request came: 0 at its beginning, 1 at its end.</summary>
    private double Place((DateTimeOffset At, AnnexDTarget Target) request)
    {
        DateTimeOffset boundary = NtpTimestamp.ToDateTimeOffset(request.Target.Time!.Value, request.At);
        return 1 - ((boundary - request.At) / TimeSpan.FromDays(7.5));
    }

    private static HttpResponseMessage Busy(TimeSpan wait)
    {
        HttpResponseMessage busy = new(HttpStatusCode.ServiceUnavailable);
        busy.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        return busy;
    }

    /// <summary>A wall clock that can be set; its one timer fires when it is.</summary>
    private sealed class SettableTime(DateTimeOffset now) : TimeProvider
    {
        private Action? _fire;

        public override DateTimeOffset GetUtcNow() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return new Never();
        }

        public void Jump(TimeSpan by)
        {
            now += by;
            _fire!();
        }

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
