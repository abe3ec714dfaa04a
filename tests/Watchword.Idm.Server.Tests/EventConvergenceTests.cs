using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Storage;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>
/// Whatever happens to accounts, deliveries and receivers, in whatever order: once deliveries get through again, the receiver knows of
/// each subject what the IdM server knows.
/// </summary>
public sealed class EventConvergenceTests : IAsyncLifetime
{
    private const int Users = 4;

    private static readonly Gen<Act[]> Acts = Gen.Select(
        Gen.Int[0, (int)Kind.Wait], Gen.Int[0, 7], (kind, number) => new Act((Kind)kind, number)).Array[10, 30];

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
    private Dictionary<string, string?> _settings = [];
    private Receiver _receiver = null!;
    private IdmHost _idm = null!;
    private int _toLose;
    private int _answersToLose;
    private bool _stopped;

    private enum Kind
    {
        Disable,
        Enable,
        Remove,
        LogOff,
        Identities,
        Lose,
        LoseAnswers,
        StopReceiver,
        StartReceiver,
        Forget,
        Restore,
        RestartIdm,
        Wait,
    }

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.ListenAsync(_time);
        _idm = await IdmHost.StartAsync(_receiver.Settings(), time: _time);
        _settings = _receiver.Settings();
        _settings["Idm:Issuer"] = _idm.Issuer;
        _settings["Idm:Listen:0"] = _idm.Issuer.Replace("localhost", "127.0.0.1", StringComparison.Ordinal);
        _receiver.Loses = () => Interlocked.Decrement(ref _toLose) >= 0;
        _receiver.LosesAnswer = () => Interlocked.Decrement(ref _answersToLose) >= 0;
        await _receiver.TrustAsync(_idm);
        for (int user = 0; user < Users; user++)
        {
            await _idm.AddAccountAsync($"user{user}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _idm.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task The_receiver_converges_to_what_the_IdM_server_knows() =>
        await Acts.SampleAsync(
            async acts =>
            {
                foreach (Act act in acts)
                {
                    await DoAsync(act);
                }

                await ShouldConvergeAsync();
            },
            seed: "0N0XIzNsQ0O2",
            iter: 6,
            threads: 1);

    private async Task DoAsync(Act act)
    {
        string user = $"user{act.Number % Users}";
        switch (act.Kind)
        {
            case Kind.Disable:
                await _idm.WithAccountsAsync(accounts => accounts.DisableAsync(user));
                break;
            case Kind.Enable:
                await _idm.WithAccountsAsync(accounts => accounts.EnableAsync(user));
                break;
            case Kind.Remove:
                await _idm.WithAccountsAsync(accounts => accounts.RemoveAsync(user));
                await _idm.AddAccountAsync(user);
                break;
            case Kind.LogOff:
                await _idm.WithAccountsAsync(accounts => accounts.LogOffAsync(user));
                break;
            case Kind.Identities:
                string? identity = act.Number < 4 ? $"sip:{user}@mc.example.org" : null;
                await _idm.WithAccountsAsync(accounts => accounts.SetServiceIdsAsync(user, new ServiceIds { McpttId = identity }));
                break;
            case Kind.Lose:
                Interlocked.Exchange(ref _toLose, act.Number);
                break;
            case Kind.LoseAnswers:
                Interlocked.Exchange(ref _answersToLose, act.Number);
                break;
            default:
                await DoToServersAsync(act);
                break;
        }
    }

    private async Task DoToServersAsync(Act act)
    {
        switch (act.Kind)
        {
            case Kind.StopReceiver:
                await _receiver.StopAsync();
                _stopped = true;
                break;
            case Kind.StartReceiver when _stopped:
                await _receiver.StartAsync(_idm);
                _stopped = false;
                break;
            case Kind.Forget:
                _receiver.Sink.Forget();
                break;
            case Kind.Restore:
                await _receiver.Sink.RestoreAsync(act.Number);
                break;
            case Kind.RestartIdm:
                await _idm.RestartAsync(_settings);
                break;
            case Kind.Wait:
                _time.Advance(TimeSpan.FromSeconds(act.Number));
                break;
        }
    }

    private async Task ShouldConvergeAsync()
    {
        Interlocked.Exchange(ref _toLose, 0);
        Interlocked.Exchange(ref _answersToLose, 0);
        if (_stopped)
        {
            await _receiver.StartAsync(_idm);
            _stopped = false;
        }

        await Deliveries.UntilFreshAsync(_receiver, _idm, _time);
        await using AsyncServiceScope scope = _idm.Services.CreateAsyncScope();
        foreach (SubjectRecord record in await scope.ServiceProvider.GetRequiredService<IdmDbContext>().Subjects.AsNoTracking().ToListAsync())
        {
            Authorization.SubjectStanding standing = await _receiver.Sink.GetStandingAsync(_idm.Issuer, record.Subject, default);
            ((int)standing.State).ShouldBe((int)record.State);
            if (record.State == SubjectState.Enabled)
            {
                (standing.TokensEndedAt?.ToUnixTimeSeconds()).ShouldBe(record.TokensEndedAt?.ToUnixTimeSeconds());
            }
        }
    }

    private sealed record Act(Kind Kind, int Number);
}
