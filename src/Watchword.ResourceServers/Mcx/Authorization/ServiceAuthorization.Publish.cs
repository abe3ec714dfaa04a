using Microsoft.EntityFrameworkCore;
using Watchword.McServices;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Mcx.Subscriptions;
using Watchword.ResourceServers.Storage;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <content>By PUBLISH (TS 24.379 7.3.3 to 7.3.5).</content>
internal sealed partial class ServiceAuthorization
{
    /// <summary>Authorises, takes settings, refreshes or logs off, as the PUBLISH says.</summary>
    public async Task<ServiceAnswer> PublishAsync(ServicePublication message, CancellationToken ct)
    {
        ServiceBodies? bodies = ServiceBodies.For(message.Service, message.Bodies);
        if (bodies is null)
        {
            return Refused(ServiceOutcome.Malformed, message);
        }

        if (message.Expires == 0)
        {
            return await RemoveAsync(bodies, message, ct);
        }

        if (message.Bodies.Count == 0)
        {
            return await transactions.RunAsync((context, cancel) => RefreshAsync(context, message, cancel), ct);
        }

        if (bodies.Info is null)
        {
            return Refused(ServiceOutcome.NotAuthorized, message);
        }

        (RevealedBodies? revealed, ServiceAnswer? refusal) = await RevealAsync(bodies, message.Service, message.Impu, ct);
        using (revealed)
        {
            return revealed is null ? refusal!
                : revealed.Info!.AccessToken is null && revealed.Info.RequestUri is not null
                    ? await TakeSettingsAsync(revealed, message, ct)
                    : await AuthorizeAsync(revealed, message, ct);
        }
    }

    /// <summary>With a token (7.3.3).</summary>
    private async Task<ServiceAnswer> AuthorizeAsync(RevealedBodies revealed, ServicePublication message, CancellationToken ct)
    {
        Judgement judgement = await judge.JudgeAsync(revealed, message.Service, ct);
        if (judgement.User is not { } user)
        {
            return judgement.Refusal!;
        }

        if (!TryReadSettings(revealed, user.ClientId, out PocSettingsEntity? entity))
        {
            return Refused(ServiceOutcome.Malformed, message);
        }

        BindingTerms terms = new(message.Service, message.Impu, BindingSource.Publish, settings.Grant(message.Expires))
        {
            IfMatch = message.IfMatch,
            Settings = revealed.Settings,
            Entity = entity,
        };
        return await transactions.RunAsync((context, cancel) => writer.BindAsync(context, user, terms, cancel), ct);
    }

    /// <summary>Settings alone, of a client that is authorised already (7.3.4).</summary>
    private async Task<ServiceAnswer> TakeSettingsAsync(RevealedBodies revealed, ServicePublication message, CancellationToken ct)
    {
        string serviceId = revealed.Info!.RequestUri!.Value;
        if (!TokenJudge.IsClientId(revealed.Info.ClientId)
            || (revealed.ProtectedFor is { } owner && owner != serviceId) || revealed.Csk is not null)
        {
            return Refused(revealed.Info.ClientId is null ? ServiceOutcome.Malformed : ServiceOutcome.UnknownUser, message);
        }

        string clientId = revealed.Info.ClientId!.Value;
        return TryReadSettings(revealed, clientId, out PocSettingsEntity? entity)
            ? await transactions.RunAsync(
                (context, cancel) => TakeSettingsAsync(context, message, serviceId, clientId, revealed.Settings, entity, cancel),
                    ct)
            : Refused(ServiceOutcome.Malformed, message);
    }

    private async Task<ServiceAnswer> TakeSettingsAsync(
        DbContext context, ServicePublication message, string serviceId, string clientId, ReadOnlyMemory<byte>? document,
        PocSettingsEntity? entity, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        BindingRow? row = await McxBindings.FindAsync(context, message.Service.Kind, serviceId, clientId, now, ct);
        if (row is null || row.Impu != message.Impu)
        {
            return Refused(ServiceOutcome.UnknownUser, message);
        }

        if (message.IfMatch is { } tag && row.EntityTag != tag)
        {
            return Refused(ServiceOutcome.ConditionFailed, message);
        }

        int? selected = row.ProfileIndex;
        BindingWriter.Apply(row, document, entity);
        if (settings.AffiliatesImplicitly && row.ProfileIndex != selected)
        {
            GroupAffiliations.MarkDue(row, now);
        }

        await SettingsSubscriptions.TouchAsync(context, row.Service, row.ServiceId, now, ct);
        ServiceAnswer answer = Prolong(row, message, ServiceOutcome.SettingsTaken, now);
        int others = await McxBindings.CountOthersAsync(context, row.Service, row.ServiceId, row.ClientId, now, ct);
        return answer with { HasOtherClients = others > 0 };
    }

    /// <summary>The publication goes on (RFC 3903 §4.3).</summary>
    private async Task<ServiceAnswer> RefreshAsync(DbContext context, ServicePublication message, CancellationToken ct)
    {
        if (message.IfMatch is null)
        {
            return Refused(ServiceOutcome.Malformed, message);
        }

        DateTimeOffset now = time.GetUtcNow();
        List<BindingRow> rows = await McxBindings.OfImpuAsync(context, message.Service.Kind, message.Impu, now, ct);
        return rows.Find(row => row.EntityTag == message.IfMatch) is { } standing
            ? Prolong(standing, message, ServiceOutcome.Refreshed, now)
            : Refused(ServiceOutcome.ConditionFailed, message);
    }

    /// <summary>Each success has a new tag (RFC 3903 §6 step 6). A binding that a REGISTER made lives as long as that
    /// says.</summary>
    private ServiceAnswer Prolong(BindingRow row, ServicePublication message, ServiceOutcome outcome, DateTimeOffset now)
    {
        TimeSpan lifetime = settings.Grant(message.Expires);
        row.EntityTag = SipTokens.EntityTag();
        if (row.Source == BindingSource.Publish || now + lifetime > row.ExpiresAt)
        {
            row.ExpiresAt = now + lifetime;
        }

        return new ServiceAnswer(outcome) { Service = message.Service, EntityTag = row.EntityTag, Expires = lifetime };
    }

    /// <summary>Log-off (7.3.5): of the publication named, of the client named, or of all that the IMPU has of the
    /// service.</summary>
    private async Task<ServiceAnswer> RemoveAsync(ServiceBodies bodies, ServicePublication message, CancellationToken ct)
    {
        string? clientId = null;
        if (bodies.Info is not null)
        {
            (RevealedBodies? revealed, ServiceAnswer? refusal) = await RevealAsync(bodies, message.Service, message.Impu, ct);
            using (revealed)
            {
                if (revealed is null)
                {
                    return refusal!;
                }

                clientId = revealed.Info!.ClientId?.Value;
            }
        }

        return await transactions.RunAsync((context, cancel) => RemoveAsync(context, message, clientId, cancel), ct);
    }

    private async Task<ServiceAnswer> RemoveAsync(
        DbContext context, ServicePublication message, string? clientId, CancellationToken ct)
    {
        List<BindingRow> rows = await McxBindings.OfImpuAsync(context, message.Service.Kind, message.Impu, time.GetUtcNow(), ct);
        if (message.IfMatch is { } tag)
        {
            rows = rows.FindAll(row => row.EntityTag == tag);
            if (rows.Count == 0)
            {
                return Refused(ServiceOutcome.ConditionFailed, message);
            }
        }

        await McxBindings.RemoveAsync(
            context, rows.FindAll(row => clientId is null || row.ClientId == clientId), time.GetUtcNow(), ct);
        return new ServiceAnswer(ServiceOutcome.Removed) { Service = message.Service, EntityTag = SipTokens.EntityTag() };
    }

    private static bool TryReadSettings(RevealedBodies revealed, string clientId, out PocSettingsEntity? entity)
    {
        try
        {
            entity = ReadSettings(revealed.Settings, clientId);
            return true;
        }
        catch (McServicesFormatException)
        {
            entity = null;
            return false;
        }
    }

    private static ServiceAnswer Refused(ServiceOutcome outcome, ServicePublication message) =>
        new(outcome) { Service = message.Service };
}
