using Microsoft.EntityFrameworkCore;
using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>
/// Service authorisation (TS 33.180 5.1.3.2; TS 24.379, TS 24.281 and TS 24.282, clause 7.3), whatever carries it: what a message
/// says goes in, an outcome of a closed set comes out. The steps are those of docs/flows/service-authorisation.md.
/// </summary>
internal sealed partial class ServiceAuthorization(
    BodyProtection protection, TokenJudge judge, BindingWriter writer, KeyVault vault, ServicesTransactions transactions,
    McxSettings settings, TimeProvider time)
{
    private static readonly TimeSpan KeysRetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>What a body reveals, or the answer that refuses it.</summary>
    private async Task<(RevealedBodies? Bodies, ServiceAnswer? Refusal)> RevealAsync(
        ServiceBodies bodies, McServiceNames names, string impu, CancellationToken ct)
    {
        RevealedBodies revealed = await protection.RevealAsync(
            bodies, names, token => UnverifiedToken.ServiceIdOf(token, names.Kind), id => FindCskAsync(names.Kind, impu, id, ct));
        if (revealed.Fault == RevealFault.None)
        {
            return (revealed, null);
        }

        if (revealed.Fault is RevealFault.NotIntact or RevealFault.NotDecrypted && await IsUnboundAsync(bodies, names, impu, ct))
        {
            return (null, new ServiceAnswer(ServiceOutcome.UnknownUser) { Service = names });
        }

        return (null, new ServiceAnswer(revealed.Fault switch
        {
            RevealFault.Malformed => ServiceOutcome.Malformed,
            RevealFault.NotDecrypted => ServiceOutcome.NotDecrypted,
            RevealFault.NotIntact => ServiceOutcome.NotIntact,
            RevealFault.KeysUnavailable => ServiceOutcome.Unavailable,
            RevealFault.Redirected => ServiceOutcome.Redirected,
            _ => ServiceOutcome.NotAuthorized,
        })
        {
            Service = names,
            Redirect = revealed.Redirect,
            RetryAfter = revealed.Fault == RevealFault.KeysUnavailable ? KeysRetryAfter : null,
        });
    }

    /// <summary>
    /// Whether a request without token and CSK is of an IMPU that nobody is bound to: no key could fit, and the client has to learn
    /// that it must be authorised anew (7.3.4).
    /// </summary>
    private async Task<bool> IsUnboundAsync(ServiceBodies bodies, McServiceNames names, string impu, CancellationToken ct) =>
        !bodies.HasCsk && McInfo.Parse(bodies.Info!.Content, names).AccessToken is null
        && await transactions.ReadAsync(
            async (context, cancellation) =>
                (await McxBindings.OfImpuAsync(context, names.Kind, impu, time.GetUtcNow(), cancellation)).Count == 0,
            ct);

    /// <summary>
    /// The CSK that the client uploaded before, or one that is on its way to it: who uses that has taken it, though his answer was
    /// lost. Null if there is none of that identifier.
    /// </summary>
    private Task<BoundCsk?> FindCskAsync(McServiceKind service, string impu, uint cskId, CancellationToken ct)
    {
        return transactions.ReadAsync(
            async (context, cancellation) =>
            {
                List<BindingRow> rows = await McxBindings.OfImpuAsync(context, service, impu, time.GetUtcNow(), cancellation);
                if (rows.Find(row => row.CskId == cskId) is { Csk: { } bound } binding)
                {
                    return Open(bound, binding.ServiceId, binding.ClientId);
                }

                List<KeyDownloadRow> waiting = await context.Set<KeyDownloadRow>().AsNoTracking().Where(
                    row => row.Service == service && row.KeyId == cskId && row.State == KeyDownloadState.Waiting)
                    .ToListAsync(cancellation);
                return waiting.Find(row => rows.Exists(of => of.ServiceId == row.ServiceId && of.ClientId == row.ClientId))
                    is { Key: { } sent } download
                        ? Open(sent, download.ServiceId, download.ClientId)
                        : null;
            },
            ct);

        BoundCsk? Open(byte[] whole, string serviceId, string clientId) =>
            vault.TryOpen(whole, new KeyOwner(service, serviceId, clientId), cskId) is { } key ? new BoundCsk(key, serviceId) : null;
    }

    /// <summary>The settings of the client; null if there are none, or none of this client.</summary>
    /// <exception cref="McServicesFormatException">They are not what their type says.</exception>
    private static PocSettingsEntity? ReadSettings(ReadOnlyMemory<byte>? document, string clientId)
    {
        if (document is not { } octets)
        {
            return null;
        }

        IReadOnlyList<PocSettingsEntity> entities = PocSettings.Parse(octets).Entities;
        return entities.FirstOrDefault(entity => entity.Id == clientId) ?? (entities.Count == 1 ? entities[0] : null);
    }
}
