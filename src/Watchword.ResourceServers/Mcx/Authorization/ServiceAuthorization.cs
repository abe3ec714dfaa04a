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

    /// <summary>The CSK that the client uploaded before; null if there is none of that identifier.</summary>
    private Task<BoundCsk?> FindCskAsync(McServiceKind service, string impu, uint cskId, CancellationToken ct) =>
        transactions.ReadAsync(
            async (context, cancellation) =>
            {
                List<BindingRow> rows = await McxBindings.OfImpuAsync(context, service, impu, time.GetUtcNow(), cancellation);
                return rows.Find(row => row.CskId == cskId) is { Csk: { } sealedKey } row
                    && vault.TryOpen(sealedKey, new KeyOwner(service, row.ServiceId, row.ClientId), cskId) is { } key
                        ? new BoundCsk(key, row.ServiceId)
                        : null;
            },
            ct);

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
