using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Work;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Subscriptions;

/// <summary>Subscriptions to settings in the database, which a restart leaves as they are (TS 24.379 7.3.6, RFC 6665
/// §4.2).</summary>
internal sealed class SettingsSubscriptions(ServicesTransactions transactions, McxSettings settings)
{
    private const int MaxOfUser = 16;

    /// <summary>Set when a subscription was made or changed.</summary>
    public WorkSignal Changed { get; } = new();

    /// <summary>Notes, in the transaction that changes settings of a user, that his subscribers are to be told.</summary>
    /// <param name="context">In the transaction.</param>
    /// <param name="service">The service.</param>
    /// <param name="serviceId">The user.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="ends">Whether the subscriptions end with it.</param>
    public static async Task TouchAsync(
        DbContext context, McServiceKind service, string serviceId, DateTimeOffset now, CancellationToken ct, bool ends = false)
    {
        List<SettingsSubscriptionRow> rows = await context.Set<SettingsSubscriptionRow>()
            .Where(row => row.Service == service && row.ServiceId == serviceId).ToListAsync(ct);
        foreach (SettingsSubscriptionRow row in rows)
        {
            row.DueAt ??= now;
            row.Version++;
            if (ends)
            {
                row.ExpiresAt = now;
                row.Dialog = Write(Read(row) with { ExpiresAt = now });
            }
        }
    }

    /// <summary>The dialog of a row.</summary>
    public static SubscriptionDialog Read(SettingsSubscriptionRow row) =>
        JsonSerializer.Deserialize<SubscriptionDialog>(row.Dialog)
            ?? throw new InvalidOperationException("A row without dialog.");

    /// <summary>The text of a dialog.</summary>
    public static string Write(SubscriptionDialog dialog) => JsonSerializer.Serialize(dialog);

    /// <summary>A new subscription; the first NOTIFY is due at once.</summary>
    public async Task<SipResponse> AddAsync(
        SubscriptionRequest request, McxServiceSettings service, string serviceId, DateTimeOffset now, CancellationToken ct)
    {
        SipUri contact = SipUri.Parse(service.Psis[0]);
        string tag = SipTokens.Tag();
        SubscriptionDialog dialog = SubscriptionDialog.Create(request, contact, tag, now);
        bool isAdded = await transactions.RunAsync(
            async (context, cancel) =>
            {
                int standing = await context.Set<SettingsSubscriptionRow>().CountAsync(
                    row => row.Service == service.Names.Kind && row.ServiceId == serviceId && row.ExpiresAt > now, cancel);
                if (standing >= MaxOfUser)
                {
                    return false;
                }

                context.Add(new SettingsSubscriptionRow
                {
                    LocalTag = tag,
                    Service = service.Names.Kind,
                    ServiceId = serviceId,
                    Dialog = Write(dialog),
                    ExpiresAt = dialog.ExpiresAt,
                    DueAt = now,
                });
                return true;
            },
            ct);
        if (!isAdded)
        {
            return request.Request.CreateResponse(486);
        }

        Changed.Set();
        return request.CreateResponse(contact, tag);
    }

    /// <summary>A SUBSCRIBE within a dialog: refreshed, or ended, and told either way.</summary>
    public async Task<SipResponse> RefreshAsync(SubscriptionRequest request, DateTimeOffset now, CancellationToken ct)
    {
        string tag = request.Request.Headers.To!.Tag!;
        (SipRefusal? refusal, McServiceKind kind) = await transactions.RunAsync(
            async (context, cancel) =>
            {
                SettingsSubscriptionRow? row = await context.Set<SettingsSubscriptionRow>()
                    .SingleOrDefaultAsync(known => known.LocalTag == tag && known.ExpiresAt > now, cancel);
                if (row is null)
                {
                    return (SubscriptionRequest.Unknown, default);
                }

                if (!Read(row).TryRefresh(request, now, out SubscriptionDialog? next, out SipRefusal? refused))
                {
                    return ((SipRefusal?)refused, default(McServiceKind));
                }

                row.Dialog = Write(next);
                row.ExpiresAt = next.ExpiresAt;
                row.DueAt = now;
                row.Version++;
                return (null, row.Service);
            },
            ct);
        if (refusal is not null)
        {
            return refusal.CreateResponse(request.Request);
        }

        Changed.Set();
        return request.CreateResponse(SipUri.Parse(settings.Find(kind)!.Psis[0]), tag);
    }
}
