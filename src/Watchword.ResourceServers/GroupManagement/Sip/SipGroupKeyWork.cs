using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.GroupManagement.Observability;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.Sip;

namespace Watchword.ResourceServers.GroupManagement.Sip;

/// <summary>
/// Sends keys of groups in MESSAGEs through the SIP core (TS 33.180 5.7: over the SIP bearer; RFC 3428), to members whose clients the
/// MCX server of this installation has authorised: of those it knows the public user identity, and whose token they came with.
/// </summary>
internal sealed class SipGroupKeyWork(
    SipGroupKeyCarrier carrier, GroupKeys keys, GroupUsers users, IServiceProvider provider, ServicesTransactions transactions,
    TimeProvider time, GroupInstruments instruments, ILogger<SipGroupKeyWork> log) : BackgroundService
{
    private const int AtOnce = 16;

    // Of no use before the host has started, and absent where nothing of this process speaks SIP.
    private SipHost? Sip => provider.GetService<SipHost>() is { HasCore: true } host ? host : null;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        carrier.Waiting.ReadAllAsync(stoppingToken),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
        async (item, cancel) =>
        {
            try
            {
                await SendAsync(item.GroupUri, item.MemberUri, cancel);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.GroupKeySendingFailed(fault);
            }
        });

    private async Task SendAsync(string groupUri, string memberUri, CancellationToken cancellationToken)
    {
        if (Sip is not { } sip)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        if (await transactions.ReadAsync(
            (context, cancel) => NotifyGroupKeyCarrier.Of(context, groupUri, [memberUri], now).AnyAsync(cancel), cancellationToken))
        {
            // His notification has it.
            return;
        }

        List<BindingRow> bindings = await transactions.ReadAsync(
            (context, cancel) => context.Set<BindingRow>().AsNoTracking()
                .Where(row => row.ServiceId == memberUri && row.ExpiresAt > now).ToListAsync(cancel),
            cancellationToken);
        // A client of several services, and several clients of one user, are one address each.
        foreach (BindingRow binding in bindings.DistinctBy(row => row.Impu))
        {
            await users.NoteAsync(binding.Issuer, binding.Subject, [memberUri], cancellationToken);
            foreach (ReadOnlyMemory<byte> message in await keys.TakeAsync(groupUri, memberUri, cancellationToken) ?? [])
            {
                await SendAsync(sip, binding, message, cancellationToken);
            }
        }
    }

    private async Task SendAsync(SipHost sip, BindingRow binding, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        McServiceNames names = McServiceNames.All.Single(service => service.Kind == binding.Service);
        SipUri user = SipUri.Parse(binding.Impu);
        SipUri server = SipUri.Parse(GroupManagementRegistration.Ring(provider).Primary.Uri);
        SipRequest request = SipRequest.CreateMessage(user, server, user);
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, new SipAddress(server).ToString());
        request.Headers.Add(SipHeaderNames.PAssertedService, names.Icsi);
        request.Headers.Add(SipHeaderNames.AcceptContact, $"*;+g.3gpp.icsi-ref=\"{names.IcsiReference}\";require;explicit");
        SipBody.Write(request, SipBodyPart.Create(ServiceBody.MikeyMediaType, message));
        try
        {
            SipResponse response = await sip.SendToCoreAsync(request, cancellationToken);
            if (response.StatusCode is >= 200 and < 300)
            {
                instruments.Given(1, "sip");
                return;
            }

            log.GroupKeyNotSent($"status {response.StatusCode}");
        }
        catch (SipSendException)
        {
            log.GroupKeyNotSent("no answer");
        }
    }
}
