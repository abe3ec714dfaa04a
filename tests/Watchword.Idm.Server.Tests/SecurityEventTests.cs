using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Watchword.Authorization;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Storage;
using Watchword.Idm.Server.Tests.Support;
using EventStreamState = Watchword.Authorization.EventStreamState;
using SubjectState = Watchword.Authorization.SubjectState;

namespace Watchword.Idm.Server.Tests;

/// <summary>A real IdM server tells a real resource server, over TLS, of what happens to accounts.</summary>
public sealed class SecurityEventTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
    private Receiver _receiver = null!;
    private IdmHost _idm = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.ListenAsync(_time);
        _idm = await IdmHost.StartAsync(_receiver.Settings(), time: _time);
        await _receiver.TrustAsync(_idm);
        await UntilFreshAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _idm.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_disabled_user_is_refused_under_a_token_that_has_not_expired()
    {
        await _idm.AddAliceAsync();
        using CodeFlow flow = new(_idm);
        string token = (await flow.GetTokensAsync()).AccessToken;
        (await _receiver.AskAsync(token)).ShouldBe(0);
        long started = Stopwatch.GetTimestamp();
        Task accepted = _receiver.Sink.NextAsync();
        AccountView alice = await _idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        await accepted.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        TestContext.Current.TestOutputHelper?.WriteLine($"accepted after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F1} ms");
        (await _receiver.AskAsync(token)).ShouldBe((int)AuthorizationFault.SubjectDisabled);
        (await _receiver.Sink.StateAsync(_idm.Issuer, alice.Subject)).ShouldBe(SubjectState.Disabled);

        _time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync(accounts => accounts.EnableAsync("alice"));
        (await _receiver.AskAsync(token)).ShouldBe((int)AuthorizationFault.TokenEnded, "what ended does not come back");
        string fresh = (await flow.GetTokensAsync()).AccessToken;
        (await _receiver.AskAsync(fresh)).ShouldBe(0);
    }

    [Fact]
    public async Task A_removed_user_a_log_off_and_an_identity_taken_away_end_tokens_too()
    {
        await _idm.AddAliceAsync();
        using CodeFlow flow = new(_idm);
        string first = (await flow.GetTokensAsync()).AccessToken;
        await ChangeAsync(accounts => accounts.LogOffAsync("alice"));
        (await _receiver.AskAsync(first)).ShouldBe((int)AuthorizationFault.TokenEnded);
        _time.Advance(TimeSpan.FromSeconds(1));
        string second = (await flow.GetTokensAsync()).AccessToken;
        (await _receiver.AskAsync(second)).ShouldBe(0);

        ServiceIds more = new() { McpttId = "sip:alice.ptt@mc.example.org", McvideoId = "sip:alice.video@mc.example.org", McdataId = "sip:alice.data@mc.example.org" };
        int seen = _receiver.Sink.Seen.Count;
        await _idm.WithAccountsAsync(accounts => accounts.SetServiceIdsAsync("alice", more));
        _receiver.Sink.Seen.Count.ShouldBe(seen, "nothing changed, so nobody is told");
        await ChangeAsync(accounts => accounts.SetServiceIdsAsync("alice", new ServiceIds { McpttId = more.McpttId, McvideoId = more.McvideoId }));
        (await _receiver.AskAsync(second)).ShouldBe((int)AuthorizationFault.TokenEnded);
        _time.Advance(TimeSpan.FromSeconds(1));
        string third = (await flow.GetTokensAsync()).AccessToken;
        await ChangeAsync(accounts => accounts.SetServiceIdsAsync("alice", more));
        (await _receiver.AskAsync(third)).ShouldBe(0, "an identity that is added ends nothing");

        AccountView gone = await ChangeAsync(accounts => accounts.RemoveAsync("alice"));
        (await _receiver.AskAsync(third)).ShouldBe((int)AuthorizationFault.SubjectDisabled);
        (await _receiver.Sink.StateAsync(_idm.Issuer, gone.Subject)).ShouldBe(SubjectState.Removed);
        AccountView again = await _idm.AddAliceAsync();
        again.Subject.ShouldNotBe(gone.Subject, "name and identities are free, the subject is not");
    }

    [Fact]
    public async Task What_happens_while_the_receiver_is_down_is_delivered_in_order_when_it_is_back()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            await _idm.AddAccountAsync(name);
        }

        await _receiver.StopAsync();
        int before = _receiver.Sink.Seen.Count;
        foreach (string name in (string[])["a", "b", "c"])
        {
            await _idm.WithAccountsAsync(accounts => accounts.DisableAsync(name));
        }

        _time.Advance(TimeSpan.FromSeconds(31));
        await _receiver.StartAsync(_idm);
        await UntilFreshAsync();
        (string Issuer, string Type, long Sequence, StreamOutcome Outcome)[] events = [.. _receiver.Sink.Seen.Skip(before)
            .Where(seen => seen is { Type: SecurityEventTypes.AccountDisabled, Outcome: StreamOutcome.Applied })];
        events.Select(seen => seen.Sequence).ShouldBe([2, 3, 4]);
    }

    [Fact]
    public async Task An_event_survives_the_server_that_wrote_it()
    {
        AccountView alice = await _idm.AddAliceAsync();
        await _receiver.StopAsync();
        await _idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        string issuer = _idm.Issuer;
        Dictionary<string, string?> settings = _receiver.Settings();
        settings["Idm:Issuer"] = issuer;
        settings["Idm:Listen:0"] = issuer.Replace("localhost", "127.0.0.1", StringComparison.Ordinal);
        await _idm.RestartAsync(settings);
        await _receiver.StartAsync(_idm);
        await UntilFreshAsync();
        _receiver.Sink.Seen.Count(seen => seen.Type == SecurityEventTypes.Snapshot).ShouldBe(1, "the stream went on where it was");
        (await _receiver.Sink.StateAsync(_idm.Issuer, alice.Subject)).ShouldBe(SubjectState.Disabled);
    }

    [Fact]
    public async Task A_receiver_that_has_lost_everything_gets_a_snapshot_and_one_that_was_set_back_gets_what_it_lost()
    {
        AccountView[] accounts = [await _idm.AddAccountAsync("a"), await _idm.AddAccountAsync("b"), await _idm.AddAccountAsync("c")];
        await ChangeAsync(directory => directory.DisableAsync("a"));
        await ChangeAsync(directory => directory.RemoveAsync("b"));
        await ChangeAsync(directory => directory.DisableAsync("c"));

        await _receiver.Sink.RestoreAsync(2);
        (await _receiver.Sink.StateAsync(_idm.Issuer, accounts[1].Subject)).ShouldBe(SubjectState.Enabled);
        await UntilFreshAsync();
        await ShouldKnowAsync();
        (await EpochsAsync()).ShouldHaveSingleItem("what it lost was kept, so the numbers went on");

        _receiver.Sink.Forget();
        await UntilFreshAsync();
        await ShouldKnowAsync();
        _receiver.Sink.Seen.Count(seen => seen is { Type: SecurityEventTypes.Snapshot, Outcome: StreamOutcome.Applied }).ShouldBeGreaterThan(1);

        async Task ShouldKnowAsync()
        {
            (await _receiver.Sink.StateAsync(_idm.Issuer, accounts[0].Subject)).ShouldBe(SubjectState.Disabled);
            (await _receiver.Sink.StateAsync(_idm.Issuer, accounts[1].Subject)).ShouldBe(SubjectState.Removed);
            (await _receiver.Sink.StateAsync(_idm.Issuer, accounts[2].Subject)).ShouldBe(SubjectState.Disabled);
        }
    }

    [Fact]
    public async Task A_snapshot_of_many_subjects_comes_in_pages()
    {
        await using (AsyncServiceScope scope = _idm.Services.CreateAsyncScope())
        {
            IdmDbContext database = scope.ServiceProvider.GetRequiredService<IdmDbContext>();
            database.Subjects.AddRange(Enumerable.Range(0, 1000).Select(_ => new SubjectRecord
            {
                Subject = Guid.NewGuid().ToString("N"), State = Storage.SubjectState.Disabled, ChangedAt = _time.GetUtcNow(),
            }));
            await database.SaveChangesAsync(Cancellation);
        }

        _receiver.Sink.Forget();
        await UntilFreshAsync();
        EventStreamState? state = await _receiver.Sink.GetStreamStateAsync(_idm.Issuer, Cancellation);
        state!.Sequence.ShouldBeGreaterThan(5);
        await using AsyncServiceScope check = _idm.Services.CreateAsyncScope();
        foreach (string subject in await check.ServiceProvider.GetRequiredService<IdmDbContext>().Subjects.Select(row => row.Subject).ToListAsync(Cancellation))
        {
            (await _receiver.Sink.StateAsync(_idm.Issuer, subject)).ShouldBe(SubjectState.Disabled);
        }
    }

    [Fact]
    public async Task An_event_is_written_with_its_change_or_not_at_all()
    {
        await using AsyncServiceScope scope = _idm.Services.CreateAsyncScope();
        IdmDbContext database = scope.ServiceProvider.GetRequiredService<IdmDbContext>();
        EventOutbox outbox = scope.ServiceProvider.GetRequiredService<EventOutbox>();
        Account account = new() { Id = Guid.NewGuid() };
        await Should.ThrowAsync<InvalidOperationException>(() => outbox.AccountDisabledAsync(account, Cancellation));
        await using (await database.Database.BeginTransactionAsync(Cancellation))
        {
            await outbox.AccountDisabledAsync(account, Cancellation);
        }

        database.ChangeTracker.Clear();
        (await database.EventStreams.AsNoTracking().SingleAsync(Cancellation)).LastSequence.ShouldBe(1);
        (await database.Subjects.AnyAsync(row => row.Subject == account.Subject, Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_waits_is_told_who_has_acknowledged()
    {
        await _idm.AddAccountAsync("root", administrator: true);
        await _idm.AddAliceAsync();
        using CodeFlow flow = new(_idm);
        using HttpClient http = _idm.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await flow.GetTokensAsync("root", "openid watchword:idm:admin")).AccessToken);
        AccountView view = await PostAsync(http, AdministrationPaths.Disable("alice") + "?wait=10");
        view.Receivers!.Single().Acknowledged.ShouldBeTrue();
        view.Receivers!.Single().Audience.ShouldBe(IdmHost.KmsAudience);
        (await PostAsync(http, AdministrationPaths.Enable("alice"))).Receivers.ShouldBeNull();
        await UntilFreshAsync();
        await _receiver.StopAsync();
        view = await PostAsync(http, AdministrationPaths.LogOff("alice") + "?wait=0");
        view.Receivers!.Single().Acknowledged.ShouldBeFalse();
        using StringContent empty = new("{}", Encoding.UTF8, "application/json");
        using HttpResponseMessage tooLong = await http.PostAsync(AdministrationPaths.LogOff("alice") + "?wait=11", empty, Cancellation);
        tooLong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using HttpResponseMessage removed = await http.DeleteAsync(AdministrationPaths.Account("alice"), Cancellation);
        removed.StatusCode.ShouldBe(HttpStatusCode.OK);
        using HttpResponseMessage last = await http.DeleteAsync(AdministrationPaths.Account("root"), Cancellation);
        (await last.Content.ReadAsStringAsync(Cancellation)).ShouldContain("idm.last-administrator");

        string root = (await _idm.WithAccountsAsync(accounts => accounts.FindAsync("root"))).Subject;
        _idm.LogLines.Lines.ShouldContain(line => line.Contains(" 3309 ", StringComparison.Ordinal) && line.Contains(root, StringComparison.Ordinal));
        _idm.LogLines.Lines.ShouldContain(line => line.Contains(" 3303 ", StringComparison.Ordinal) && line.Contains(root, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_security_event_token_does_not_open_the_admin_api_and_events_can_be_signed_by_RS256()
    {
        await using AsyncServiceScope scope = _idm.Services.CreateAsyncScope();
        SecurityEventTokens tokens = scope.ServiceProvider.GetRequiredService<SecurityEventTokens>();
        Storage.EventStreamState stream = await scope.ServiceProvider.GetRequiredService<IdmDbContext>().EventStreams.AsNoTracking().SingleAsync(Cancellation);
        string token = tokens.SignHeartbeat(stream, "x", _time.GetUtcNow(), "RS256");
        Jwt.Header(token).GetProperty("alg").GetString().ShouldBe("RS256");
        Jwt.Header(token).GetProperty("typ").GetString().ShouldBe("secevent+jwt");
        Jwt.Payload(token).TryGetProperty("exp", out _).ShouldBeFalse();
        Jwt.Payload(token).TryGetProperty("sub", out _).ShouldBeFalse();
        using HttpClient http = _idm.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using HttpResponseMessage refused = await http.GetAsync(AdministrationPaths.Accounts, Cancellation);
        (await refused.Content.ReadAsStringAsync(Cancellation)).ShouldContain("idm.token-invalid");
        (await _receiver.AskAsync(token)).ShouldBe((int)AuthorizationFault.TypeNotAccessToken);
    }

    private async Task<AccountView> PostAsync(HttpClient http, string path)
    {
        using StringContent empty = new("{}", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(path, empty, Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync(AdministrationJson.Default.AccountView, Cancellation))!;
    }

    /// <summary>Makes a change and waits until the receiver has taken an event.</summary>
    private async Task<AccountView> ChangeAsync(Func<AccountDirectory, Task<AccountView>> change)
    {
        long before = (await _receiver.Sink.GetStreamStateAsync(_idm.Issuer, Cancellation))!.Sequence;
        AccountView view = await _idm.WithAccountsAsync(change);
        await Deliveries.UntilAsync(
            _receiver.Sink, _time, async () => (await _receiver.Sink.GetStreamStateAsync(_idm.Issuer, Cancellation))?.Sequence > before, TimeSpan.Zero);
        return view;
    }

    private async Task<long[]> EpochsAsync()
    {
        await using AsyncServiceScope scope = _idm.Services.CreateAsyncScope();
        long epoch = (await scope.ServiceProvider.GetRequiredService<IdmDbContext>().EventStreams.AsNoTracking().SingleAsync(Cancellation)).Epoch;
        return [.. new[] { epoch, (await _receiver.Sink.GetStreamStateAsync(_idm.Issuer, Cancellation))!.Epoch }.Distinct()];
    }

    private Task UntilFreshAsync() => Deliveries.UntilFreshAsync(_receiver, _idm, _time);
}

/// <summary>Moves the clock until the receiver knows what it must.</summary>
internal static class Deliveries
{
    /// <summary>A heartbeat of a later moment says that nothing is missing of what happened until now.</summary>
    public static async Task UntilFreshAsync(Receiver receiver, IdmHost idm, FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromMilliseconds(1));
        DateTimeOffset since = time.GetUtcNow();
        await UntilAsync(
            receiver.Sink, time,
            async () => (await receiver.Sink.GetStreamStateAsync(idm.Issuer, TestContext.Current.CancellationToken))?.CompleteAt >= since,
            TimeSpan.FromSeconds(1));
    }

    /// <summary>Lets the clock go on by steps, each after a moment in which nothing came.</summary>
    public static async Task UntilAsync(SwitchedSink sink, FakeTimeProvider time, Func<Task<bool>> reached, TimeSpan step)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            Task next = sink.NextAsync();
            if (await reached())
            {
                return;
            }

            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMinutes(1));
            try
            {
                await next.WaitAsync(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                time.Advance(step);
            }
        }
    }
}
