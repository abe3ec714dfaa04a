using System.Globalization;
using System.Net;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Notifications;
using Watchword.McServices.Xcap;
using Watchword.Sip;

namespace Watchword.Lab.Walk;

/// <summary>
/// A UE that is told through the SIP core what becomes of its documents (TS 24.484 6.3.13, TS 24.481 6.3.13; RFC 5875), and of the keys
/// of its groups with it (TS 33.180 7.3).
/// </summary>
internal sealed class SubscriptionsWalk(WalkRunner runner, LabServers servers, LabServices services, TimeProvider time)
{
    private const string Loopback = "127.0.0.1";
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);

    /// <summary>Subscribes to a user profile and a group, and follows a change of each.</summary>
    /// <param name="user">Who subscribes; a member of the group.</param>
    /// <param name="profile">His user profile.</param>
    /// <param name="group">The MC group ID.</param>
    /// <param name="change">Writes the profile anew.</param>
    /// <param name="delete">Deletes the group.</param>
    /// <param name="cancellation">Stops it.</param>
    public Task RunAsync(
        WalkProfile user, DocumentSelector profile, string group, Func<Task> change, Func<Task> delete, CancellationToken cancellation) =>
        runner.StepAsync(
            $"{user.Name} subscribes to his user profile and to the group, and is told what becomes of them and of the key",
            "TS 24.484 6.3.13; TS 24.481 6.3.13; RFC 5875; TS 33.180 5.7, 7.3", async facts =>
            {
                await using SipStack ue = Listen();
                List<DocumentSubscriptionClient> subscriptions = [];
                ue.Map(SipMethods.Notify, (request, _) => Task.FromResult(Take(subscriptions, request)));
                await ue.StartAsync(cancellation);
                DocumentSubscriptionClient configuration = Client(user, McResource.ConfigurationManagement, LabServices.CmsUri, ue);
                DocumentSubscriptionClient groups = Client(user, McResource.GroupManagement, LabServices.GmsUri, ue);
                subscriptions.AddRange([configuration, groups]);

                DocumentNotification told = await SubscribeAsync(facts, configuration, profile, cancellation);
                string? before = told.Changes?.Documents.SingleOrDefault()?.NewEtag;
                facts.Require(before is not null, $"NOTIFY: the profile stands, ETag {before}");
                await change();
                told = await NextAsync(configuration, cancellation);
                string? after = told.Changes?.Documents.SingleOrDefault()?.NewEtag;
                facts.Require(after is not null && after != before, $"NOTIFY: it was written anew, ETag {after}");

                ServiceKeyExchange exchange = new(
                    user.Store, time, new ServiceKeyExchangeOptions { GroupManagementServers = [LabServices.GmsUri] });
                told = await SubscribeAsync(facts, groups, SelectorOf(group), cancellation);
                uint key = Open(exchange, told)[0].KeyId;
                facts.Require(
                    user.Store.FindReceivingKeys(key).Count == 1,
                    string.Create(CultureInfo.InvariantCulture, $"NOTIFY: the group stands, with GMK-ID {key:X8}"));
                await delete();
                told = await NextAsync(groups, cancellation);
                ServiceKeyInfo[] ended = Open(exchange, told);
                facts.Require(
                    told.Changes?.Documents is [{ IsDeleted: true }] && Array.TrueForAll(ended, one => one.IsRevoked)
                        && Array.Exists(ended, one => one.KeyId == key) && user.Store.FindReceivingKeys(key).Count == 0,
                    string.Create(CultureInfo.InvariantCulture, $"NOTIFY: the group is gone, GMK-ID {key:X8} is revoked"));
                foreach (DocumentSubscriptionClient subscription in subscriptions)
                {
                    SipResponse response = await subscription.UnsubscribeAsync(cancellation);
                    facts.Require(response.StatusCode is 200 or 481, $"unsubscribed: {response.StatusCode}");
                }
            });

    /// <summary>First what to send under, then what is revoked, of earlier walks too.</summary>
    private static ServiceKeyInfo[] Open(ServiceKeyExchange exchange, DocumentNotification told)
    {
        ServiceKeyMessageContext how = new() { IsFromDocument = true };
        return [.. told.KeyMessages.Select(message => exchange.Open(message.Span, how).Key)];
    }

    private static async Task<DocumentNotification> SubscribeAsync(
        WalkFacts facts, DocumentSubscriptionClient client, DocumentSelector document, CancellationToken cancellation)
    {
        SipResponse response = await client.SubscribeAsync([document], cancellation);
        facts.Require(response.IsSuccess, $"SUBSCRIBE to {document.Auid}, event {XcapDiff.EventPackage}: {response.StatusCode}");
        return await NextAsync(client, cancellation);
    }

    private static async Task<DocumentNotification> NextAsync(DocumentSubscriptionClient client, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_longestWait);
        try
        {
            return await client.NextAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException("a notification did not come within a minute");
        }
    }

    private static SipResponse Take(IEnumerable<DocumentSubscriptionClient> subscriptions, SipServerRequest received)
    {
        foreach (DocumentSubscriptionClient subscription in subscriptions)
        {
            if (subscription.TryTake(received.Request, out SipResponse? response))
            {
                return response;
            }
        }

        return received.CreateResponse(481);
    }

    private static DocumentSelector SelectorOf(string group) => DocumentSelector.OfGlobal(
        ApplicationUsage.Groups.Auid, [ApplicationUsage.ByGroupId, group]);

    private SipStack Listen() => new(new SipStackOptions
    {
        Listeners = [new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0))],
        Peers = new SipPeers([new SipPeer("core") { Networks = [IPNetwork.Parse(Loopback + "/32")] }]),
        TimeProvider = time,
    });

    private DocumentSubscriptionClient Client(WalkProfile user, McResource resource, string server, SipStack ue) => new(
        user.Tokens,
        new DocumentSubscriptionOptions
        {
            Service = McService.Mcptt,
            Resource = resource,
            ServerUri = server,
            PublicUserIdentity = servers.Site.Names.PublicIdentityOf(user.Name),
            Contact = string.Create(
                CultureInfo.InvariantCulture, $"sip:{user.Name}@{Loopback}:{ue.Listeners[0].EndPoint.Port};transport=tcp"),
        },
        (request, cancellation) => ue.SendAsync(request, services.Core.Address, cancellation), time);
}
