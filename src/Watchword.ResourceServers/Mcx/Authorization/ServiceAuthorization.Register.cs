using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <content>By third-party REGISTER (TS 24.379 7.3.2).</content>
internal sealed partial class ServiceAuthorization
{
    /// <summary>
    /// Notes the registration, ends what it no longer names, and authorises the services whose info bodies the client's REGISTER
    /// carries.
    /// </summary>
    /// <param name="message">What the REGISTER says.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>
    /// First what became of the registration, then an answer for each service with an info body. A refusal binds nothing and
    /// leaves the registration: its result is the SIP core's.
    /// </returns>
    public async Task<IReadOnlyList<ServiceAnswer>> RegisterAsync(ServiceRegistration message, CancellationToken ct)
    {
        ServiceAnswer noted = await transactions.RunAsync((context, cancel) => NoteAsync(context, message, cancel), ct);
        if (noted.Outcome != ServiceOutcome.Registered || message.Client is not { } client)
        {
            return [noted];
        }

        List<ServiceAnswer> answers = [noted];
        foreach (McxServiceSettings service in settings.Services)
        {
            ServiceBodies? bodies = ServiceBodies.For(service.Names, client.Bodies);
            if (bodies is null)
            {
                answers.Add(new ServiceAnswer(ServiceOutcome.Malformed) { Service = service.Names });
            }
            else if (bodies.Info is not null && !client.Services.Contains(service.Names.Kind))
            {
                // Without its feature tag the service is not registered (7.2.1).
                answers.Add(new ServiceAnswer(ServiceOutcome.NotAuthorized) { Service = service.Names });
            }
            else if (bodies.Info is not null)
            {
                answers.Add(await AuthorizeAsync(bodies, service.Names, message, client, ct));
            }
        }

        return answers;
    }

    private async Task<ServiceAnswer> AuthorizeAsync(
        ServiceBodies bodies, McServiceNames names, ServiceRegistration message, ClientRegistration client, CancellationToken ct)
    {
        (RevealedBodies? revealed, ServiceAnswer? refusal) = await RevealAsync(bodies, names, message.Impu, ct);
        using (revealed)
        {
            if (revealed is null)
            {
                return refusal!;
            }

            Judgement judgement = await judge.JudgeAsync(revealed, names, ct);
            if (judgement.User is not { } user)
            {
                return judgement.Refusal!;
            }

            BindingTerms terms = new(names, message.Impu, BindingSource.Register, settings.Grant(message.Expires))
            {
                Instance = client.Instance,
            };
            return await transactions.RunAsync((context, cancel) => writer.BindAsync(context, user, terms, cancel), ct);
        }
    }

    private async Task<ServiceAnswer> NoteAsync(DbContext context, ServiceRegistration message, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        string instance = message.Client?.Instance ?? string.Empty;
        RegistrationRow? row = await context.Set<RegistrationRow>().SingleOrDefaultAsync(
            known => known.Impu == message.Impu && known.Instance == instance, ct);
        if (row is not null && row.CallId == message.CallId && message.Sequence < row.Sequence)
        {
            return new ServiceAnswer(ServiceOutcome.Overtaken);
        }

        bool ends = message.Expires == 0;
        if (ends && message.Client is null)
        {
            // Nothing says which device: the identity is registered no more (TS 24.229 5.4.1.7).
            await McxBindings.RemoveAsync(
                context, await context.Set<BindingRow>().Where(b => b.Impu == message.Impu).ToListAsync(ct), now, ct);
            _ = await context.Set<RegistrationRow>()
                .Where(other => other.Impu == message.Impu && other.Instance != instance).ExecuteDeleteAsync(ct);
        }

        if (row is null)
        {
            row = new RegistrationRow
            {
                Impu = message.Impu, Instance = instance, Services = 0, CallId = message.CallId, Sequence = message.Sequence,
                ExpiresAt = now,
            };
            context.Add(row);
        }

        row.CallId = message.CallId;
        row.Sequence = message.Sequence;
        row.ExpiresAt = ends ? now : now + settings.Grant(message.Expires);
        row.Services = ends ? 0 : message.Client is { } client ? ServiceKinds.ToMask(client.Services) : row.Services;
        await FollowAsync(context, row, isTold: ends || message.Client is not null, now, ct);
        return new ServiceAnswer(ends ? ServiceOutcome.Deregistered : ServiceOutcome.Registered);
    }

    /// <summary>
    /// What follows for the bindings of the IMPU: those of a service that is registered no more go (7.3.2, 7.2.1 6), those that a
    /// REGISTER made live on with it.
    /// </summary>
    private static async Task FollowAsync(
        DbContext context, RegistrationRow row, bool isTold, DateTimeOffset now, CancellationToken ct)
    {
        List<BindingRow> bindings = await context.Set<BindingRow>().Where(
            b => b.Impu == row.Impu && b.ExpiresAt > now).ToListAsync(ct);
        int elsewhere = (await context.Set<RegistrationRow>()
            .Where(other => other.Impu == row.Impu && other.Instance != row.Instance && other.ExpiresAt > now)
            .Select(other => other.Services).ToListAsync(ct)).Aggregate(0, (mask, services) => mask | services);
        List<BindingRow> ended = [];
        foreach (BindingRow binding in bindings)
        {
            // One that a PUBLISH made names no device: it goes when no device is registered for the service.
            bool isOfDevice = binding.Instance == row.Instance;
            bool stands = ServiceKinds.Holds(row.Services, binding.Service);
            if (isTold && !stands && (isOfDevice || binding.Instance.Length == 0) && !(binding.Instance.Length == 0
                && ServiceKinds.Holds(elsewhere, binding.Service)))
            {
                ended.Add(binding);
            }
            else if (isOfDevice && stands && binding.Source == BindingSource.Register && row.ExpiresAt > binding.ExpiresAt)
            {
                binding.ExpiresAt = row.ExpiresAt;
            }
        }

        await McxBindings.RemoveAsync(context, ended, now, ct);
    }
}
