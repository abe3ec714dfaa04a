using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Signs checkpoints of the audit log while the KMS runs, and keeps its signed end outside the database. The start
/// is refused where the audit key cannot be had: a log that nobody signs could be rewritten unseen.</summary>
internal sealed class AuditCheckpointing(
    KmsSettings settings, KmsState state, TimeProvider time, ILogger<AuditCheckpointing> log) : BackgroundService
{
    private readonly AuditHeadFile _head = new(settings.Audit.HeadPath);
    private AuditSigningKey? _key;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _key = await state.Custody.OpenAuditSigningKeyAsync(cancellationToken);
        log.AuditKeyOpened(_key.PublicKey.KeyId);
        if (!File.Exists(settings.Audit.HeadPath))
        {
            log.AuditHeadMissing(settings.Audit.HeadPath);
        }

        await _head.RenewAsync(state.Store, _key, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RenewAsync(CancellationToken.None);
        _key?.Dispose();
        _key = null;
    }

    public override void Dispose()
    {
        base.Dispose();
        _key?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        AuditSigningKey key = _key!;
        Task checkpoints = settings.Audit.Checkpoints is { } due
            ? new AuditCheckpoints(state.Store, key, due, time).RunAsync(
                settings.Audit.LookInterval, fault => log.CheckpointFailed(fault.Error, fault), stoppingToken)
            : Task.CompletedTask;
        try
        {
            await Task.WhenAll(checkpoints, KeepHeadAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for; to the host it would be a fault where it is disposed without being stopped.
        }
    }

    private async Task KeepHeadAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(settings.Audit.LookInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await RenewAsync(stoppingToken);
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_key is { } key)
            {
                await _head.RenewAsync(state.Store, key, cancellationToken);
            }
        }
        catch (KmsException fault)
        {
            log.AuditHeadNotRenewed(fault.Error, fault);
        }
    }
}
