using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>
/// Works on preparations that wait, and erases what is over. A node on which preparing ahead is off only erases, at its start and
/// every hour: what was stored while it was on must not stay.
/// </summary>
internal sealed class PreparationWork(
    PreparationServices services, KmsState state, TimeProvider time, ILogger<PreparationWork> log) : BackgroundService
{
    /// <summary>How long an order waits for a node at most.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepIntervalWhenOff = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        PreparationRunner? runner = services.CreateRunner();
        Task sweeping = RepeatAsync(
            runner is null ? SweepIntervalWhenOff : SweepInterval, SweepAsync, stoppingToken);
        if (runner is not null)
        {
            await RepeatAsync(LookInterval, stop => WorkAsync(runner, stop), stoppingToken);
        }

        await sweeping;
    }

    private async Task WorkAsync(PreparationRunner runner, CancellationToken stoppingToken)
    {
        if (await runner.RunAsync(stoppingToken) is { } left)
        {
            log.PreparationLeft(left.Generation, left.PeriodNumber, left.State, left.Done, left.Fault);
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        await state.Installation.RefreshAsync(stoppingToken);
        if (await services.CreateSweep().RunAsync(stoppingToken) is > 0 and var erased)
        {
            log.PreparedErased(erased);
        }
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await work(stoppingToken);
                }
                catch (KmsException fault)
                {
                    log.PreparationInterrupted(fault.Error, fault);
                }

                await Task.Delay(interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; another node goes on, or this one after its start.
        }
    }
}
