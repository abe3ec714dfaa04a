using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <content>Who may see settings (TS 24.379 7.3.6).</content>
internal sealed partial class ServiceAuthorization
{
    /// <summary>Judges a SUBSCRIBE to settings: a user sees his own.</summary>
    /// <param name="names">The service.</param>
    /// <param name="impu">The public user identity that asks.</param>
    /// <param name="all">The bodies of the request.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The answer, and with <see cref="ServiceOutcome.Subscribed"/> the MC service ID.</returns>
    public async Task<(ServiceAnswer Answer, string? ServiceId)> FindOwnSettingsAsync(
        McServiceNames names, string impu, IReadOnlyList<ServiceBody> all, CancellationToken ct)
    {
        ServiceBodies? bodies = ServiceBodies.For(names, all);
        if (bodies?.Info is null)
        {
            return (new ServiceAnswer(ServiceOutcome.Malformed) { Service = names }, null);
        }

        (RevealedBodies? revealed, ServiceAnswer? refusal) = await RevealAsync(bodies, names, impu, ct);
        using (revealed)
        {
            if (revealed?.Info!.RequestUri is not { } wanted)
            {
                return (refusal ?? new ServiceAnswer(ServiceOutcome.Malformed) { Service = names }, null);
            }

            List<BindingRow> bound = await transactions.ReadAsync(
                (context, cancel) => McxBindings.OfImpuAsync(context, names.Kind, impu, time.GetUtcNow(), cancel), ct);
            ServiceOutcome outcome = bound.Count == 0 ? ServiceOutcome.UnknownUser
                : bound.Exists(row => row.ServiceId == wanted.Value) ? ServiceOutcome.Subscribed
                : ServiceOutcome.OtherUser;
            return (
                new ServiceAnswer(outcome) { Service = names },
                outcome == ServiceOutcome.Subscribed ? wanted.Value : null);
        }
    }
}
