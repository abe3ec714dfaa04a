using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Xcap;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>The subscriptions of a UE to its documents (TS 24.484 6.3.13, TS 24.481 6.3.13; RFC 5875).</summary>
internal sealed class UeSubscriptions(UeContext context, UeSipAgent? agent, uint expiresSeconds)
{
    // As long as a transaction of SIP may take (RFC 3261 17.1.4): the notification follows the response at once.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(32);

    /// <summary>Subscribes, or lets the subscription that stands last on, and waits for the notification.</summary>
    /// <param name="name">Name of the step.</param>
    /// <param name="clause">Its clause.</param>
    /// <param name="service">The service.</param>
    /// <param name="resource">The kind of server.</param>
    /// <param name="server">Its PSI; null if it is not known.</param>
    /// <param name="documents">The documents.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The notification; null if there is none.</returns>
    public async Task<DocumentNotification?> SubscribeAsync(
        string name, string clause, McService service, McResource resource, string? server, IReadOnlyList<DocumentSelector> documents,
        CancellationToken cancellation)
    {
        if (agent is null || server is null)
        {
            if (agent is not null)
            {
                context.Script.Skip(name, clause, "the URI of the server is not known: --config-server, --group-server");
            }

            return null;
        }

        DocumentNotification? notification = null;
        _ = await context.Script.TryAsync(name, clause, async () =>
        {
            UeSubscription? known = context.State.Subscriptions.FirstOrDefault(
                one => one.Service == service && one.Resource == resource);
            DocumentSubscriptionClient client = Client(context, agent, service, resource, server, expiresSeconds);
            bool isRefreshed = known is not null && await RefreshAsync(client, known, server, documents, cancellation);
            if (!isRefreshed)
            {
                _ = UeRefusals.RequireSubscribed(await client.SubscribeAsync(documents, cancellation), clause);
            }

            // Before the notification: it stands now, whatever comes.
            Keep(service, resource, server, documents, client.Dialog!);
            notification = await NextAsync(client, clause, cancellation);
            Keep(service, resource, server, documents, client.Dialog!);
            int told = notification.Changes?.Documents.Count ?? 0;
            string how = isRefreshed ? "refreshed" : "made";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{how}; NOTIFY with {told} of {documents.Count} documents, {notification.KeyMessages.Count} keys");
        });
        return notification;
    }

    /// <summary>A subscription at a server, which is given its notifications.</summary>
    public static DocumentSubscriptionClient Client(
        UeContext context, UeSipAgent agent, McService service, McResource resource, string server, uint expiresSeconds)
    {
        string identity = context.State.PublicUserIdentity!;
        DocumentSubscriptionClient client = new(
            context.Session.Tokens,
            new DocumentSubscriptionOptions
            {
                Service = service,
                Resource = resource,
                ServerUri = server,
                PublicUserIdentity = identity,
                Contact = agent.ContactOf(identity),
                ExpiresSeconds = expiresSeconds,
            },
            agent.SendAsync, context.Clock);
        agent.Add(client);
        return client;
    }

    /// <summary>Waits for the next notification.</summary>
    /// <exception cref="CliException">None came within 32 s.</exception>
    public static async Task<DocumentNotification> NextAsync(
        DocumentSubscriptionClient client, string clause, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LongestWait);
        try
        {
            return await client.NextAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException(ExitCode.Unreachable, "the notification did not come")
            {
                Clause = clause,
                Hint = "check that the core reaches this UE: --sip-listen",
            };
        }
    }

    /// <summary>Lets a subscription to these documents last on; one to others is ended, as its documents stay what they are.</summary>
    private static async Task<bool> RefreshAsync(
        DocumentSubscriptionClient client, UeSubscription known, string server, IReadOnlyList<DocumentSelector> documents,
        CancellationToken cancellation)
    {
        client.Resume(known.Dialog);
        if (known.ServerUri == server && known.Documents.SequenceEqual(documents.Select(one => one.ToString()), StringComparer.Ordinal))
        {
            return (await client.RefreshAsync(cancellation)).IsSuccess;
        }

        _ = await client.UnsubscribeAsync(cancellation);
        return false;
    }

    private void Keep(
        McService service, McResource resource, string server, IReadOnlyList<DocumentSelector> documents, SubscriberDialog dialog) =>
        context.Keep(state => state with
        {
            Subscriptions =
            [
                .. state.Subscriptions.Where(one => one.Service != service || one.Resource != resource),
                new UeSubscription(service, resource, server, [.. documents.Select(one => one.ToString())], dialog),
            ],
        });
}
