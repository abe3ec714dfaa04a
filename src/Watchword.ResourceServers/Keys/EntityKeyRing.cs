using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.Mikey;

namespace Watchword.ResourceServers.Keys;

/// <summary>
/// All identities of one role: the first signs what the server hands out, and each opens what is addressed to it (TS 33.180 5.4:
/// the MDSI; TS 24.379 4.8: the PSI of the participating function).
/// </summary>
internal sealed class EntityKeyRing(IReadOnlyList<EntityKeys> identities) : BackgroundService, IHealthCheck
{
    /// <summary>The identity under which the server hands out keys.</summary>
    public EntityKeys Primary => identities[0];

    /// <summary>All of them.</summary>
    public IReadOnlyList<EntityKeys> Identities => identities;

    /// <summary>True when every identity has a key set of the present key period.</summary>
    public bool IsKeyed => identities.All(keys => keys.State != EntityKeyState.Waiting);

    /// <summary>
    /// The identity that a message is addressed to, by name or by the UID of one of its key sets; null if it is none of ours.
    /// </summary>
    public EntityKeys? FindReceiver(MikeyMessage message)
    {
        string? named = message.FindIdentity(MikeyIdentityRole.Responder)?.Text;
        if (named is not null)
        {
            return identities.FirstOrDefault(keys => string.Equals(keys.Uri, named, StringComparison.Ordinal));
        }

        return message.FindIdentity(MikeyIdentityRole.ResponderUid)?.Octets is { } uid
            ? identities.FirstOrDefault(keys => keys.Store?.KeySets.Any(set => set.UserId.Octets.SequenceEqual(uid.Span)) == true)
            : null;
    }

    /// <summary>Opens the stores before anything listens: a store that cannot be opened stops the start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (EntityKeys keys in identities)
        {
            await keys.OpenAsync(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Ready while every identity is keyed.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            !IsKeyed ? HealthCheckResult.Unhealthy()
            : identities.Any(keys => keys.State == EntityKeyState.Failing) ? HealthCheckResult.Degraded()
            : HealthCheckResult.Healthy());

    /// <summary>Ends renewal and closes the stores.</summary>
    public override void Dispose()
    {
        base.Dispose();
        foreach (EntityKeys keys in identities)
        {
            keys.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(identities.Select(keys => keys.RunAsync(stoppingToken)));
}
