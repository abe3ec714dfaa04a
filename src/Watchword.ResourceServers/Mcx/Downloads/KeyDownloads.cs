using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Work;

namespace Watchword.ResourceServers.Mcx.Downloads;

/// <summary>
/// Orders keys for clients that are bound (TS 33.180 5.8): a CSK in place of the one they uploaded, or a MuSiK for multicast
/// control.
/// <see cref="DownloadWork"/> sends them.
/// </summary>
internal sealed class KeyDownloads(ServicesTransactions transactions, KeyVault vault, TimeProvider time)
{
    /// <summary>Set when something was ordered.</summary>
    public WorkSignal Ordered { get; } = new();

    /// <summary>Orders a new CSK. The one in force stays until the client took the new one.</summary>
    /// <returns>The number of the download; null if the client is not bound, or has no CSK to replace.</returns>
    public Task<Guid?> ReplaceCskAsync(McServiceKind service, string serviceId, string clientId, CancellationToken ct) =>
        OrderAsync(service, serviceId, clientId, KeyPurpose.Csk, [], ct);

    /// <summary>Orders a MuSiK.</summary>
    /// <returns>The number of the download; null if the client is not bound.</returns>
    public Task<Guid?> SendMusikAsync(
        McServiceKind service, string serviceId, string clientId, IReadOnlyList<string> groupIds, CancellationToken ct) =>
        OrderAsync(service, serviceId, clientId, KeyPurpose.Musik, groupIds, ct);

    /// <summary>How far a download is; null if there is none of that number.</summary>
    public Task<KeyDownloadRow?> FindAsync(Guid id, CancellationToken ct) => transactions.ReadAsync(
        (context, cancel) => context.Set<KeyDownloadRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel), ct);

    private async Task<Guid?> OrderAsync(
        McServiceKind service, string serviceId, string clientId, KeyPurpose purpose, IReadOnlyList<string> groupIds,
        CancellationToken ct)
    {
        using MikeyKey key = MikeyKey.Generate(purpose);
        DateTimeOffset now = time.GetUtcNow();
        KeyDownloadRow order = new()
        {
            Id = Guid.NewGuid(),
            Service = service,
            ServiceId = serviceId,
            ClientId = clientId,
            KeyId = key.KeyId,
            Key = vault.Seal(key, new KeyOwner(service, serviceId, clientId)),
            Groups = string.Join('\n', groupIds),
            MadeAt = now,
            DueAt = now,
        };
        bool isOrdered = await transactions.RunAsync(
            async (context, cancel) =>
            {
                BindingRow? binding = await McxBindings.FindAsync(context, service, serviceId, clientId, now, cancel);
                if (binding is null || (purpose == KeyPurpose.Csk && binding.Csk is null))
                {
                    return false;
                }

                context.Add(order);
                return true;
            },
            ct);
        if (isOrdered)
        {
            Ordered.Set();
        }

        return isOrdered ? order.Id : null;
    }
}
