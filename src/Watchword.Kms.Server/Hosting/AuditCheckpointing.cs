using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Signs checkpoints of the audit log while the KMS runs. The start is refused where the audit key cannot be had: a log
/// that nobody signs could be rewritten unseen.</summary>
internal sealed class AuditCheckpointing(
    KmsSettings settings, KmsState state, TimeProvider time, ILogger<AuditCheckpointing> log) : BackgroundService
{
    private AuditSigningKey? _key;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Audit.Checkpoints is not null)
        {
            _key = await state.Custody.OpenAuditSigningKeyAsync(cancellationToken);
            log.AuditKeyOpened(_key.PublicKey.KeyId);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _key?.Dispose();
    }

    public override void Dispose()
    {
        base.Dispose();
        _key?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_key is not null && settings.Audit.Checkpoints is { } due)
        {
            await new AuditCheckpoints(state.Store, _key, due, time).RunAsync(
                settings.Audit.LookInterval, fault => log.CheckpointFailed(fault.Error, fault), stoppingToken);
        }
    }
}
