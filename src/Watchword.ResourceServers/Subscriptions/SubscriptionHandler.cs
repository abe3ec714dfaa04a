using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Watchword.Authorization;
using Watchword.McServices.Notifications;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Observability;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;
using Watchword.Sip;

namespace Watchword.ResourceServers.Subscriptions;

/// <summary>
/// Answers SUBSCRIBE to XCAP documents (RFC 5875, TS 24.484 6.3.13, TS 24.481 6.3.13) for every root with a public service
/// identity. A subscription is a row; <see cref="SubscriptionNotifier"/> sends what it is owed.
/// </summary>
internal sealed class SubscriptionHandler(
    IEnumerable<XcapRealm> realms, AccessTokenValidator validator, ServicesTransactions transactions, XcapChangeSignal signal,
    TimeProvider time, ILogger<SubscriptionHandler> log)
{
    private const int Forbidden = 403;
    private const string RetrySeconds = "5";

    private static readonly EventStateRules Rules = new()
    {
        EventPackages = [XcapDiff.EventPackage],
        MediaTypes = [XcapDiff.MediaType],
    };

    private readonly Root[] _roots =
    [
        .. realms.Where(realm => realm.Settings.SubscriptionUri is not null).Select(realm => new Root(
            realm, realm.Settings.SubscriptionUri!, validator.ForAudience(realm.Settings.Audience))),
    ];

    /// <summary>What is served: nothing where no root can be subscribed to.</summary>
    public IReadOnlyList<SipRoute> Routes =>
        _roots.Length == 0 ? [] : [new SipRoute(SipMethods.Subscribe, XcapDiff.EventPackage, SubscribeAsync)];

    /// <summary>Answers a SUBSCRIBE.</summary>
    public async Task<SipResponse> SubscribeAsync(SipServerRequest received, CancellationToken cancellationToken)
    {
        SipRequest request = received.Request;
        if (Array.Find(_roots, root => root.Identity.IsEquivalentTo(request.RequestUri)) is not { } root)
        {
            return request.CreateResponse(404);
        }

        if (!SubscriptionRequest.TryRead(request, Rules, out SubscriptionRequest? subscription, out SipRefusal? refusal))
        {
            return refusal.CreateResponse(request);
        }

        if (SubscriptionList.Read(request) is not { } bodies)
        {
            return request.CreateResponse(400);
        }

        SipResponse response = subscription.IsInDialog
            ? await RefreshAsync(root, subscription, bodies, cancellationToken)
            : await CreateAsync(root, subscription, bodies, cancellationToken);
        log.Subscribed(root.Realm.Settings.Resource, response.StatusCode);
        signal.Set();
        return response;
    }

    private async Task<SipResponse> CreateAsync(
        Root root, SubscriptionRequest subscription, SubscriptionList bodies, CancellationToken cancellationToken)
    {
        SipRequest request = subscription.Request;
        (Subscriber? subscriber, int status) = await Subscriber.ReadAsync(root.Validator, bodies.Info, cancellationToken);
        if (subscriber is null)
        {
            return Refuse(request, status);
        }

        if (bodies.List is null)
        {
            return request.CreateResponse(400);
        }

        // One answer for what is not here and for what is not his: it must not tell which documents there are.
        if (bodies.Resolve(root.Realm) is not { } documents || !subscriber.MayWatch(root.Realm, documents))
        {
            return request.CreateResponse(Forbidden);
        }

        string tag = SipTokens.Tag();
        SubscriptionDialog dialog = SubscriptionDialog.Create(subscription, root.Identity, tag, time.GetUtcNow());
        bool isKept = await transactions.RunAsync(
            (context, cancellation) =>
                AddAsync(context, root.Realm, subscriber, documents, dialog, cancellation), cancellationToken);
        return isKept ? subscription.CreateResponse(root.Identity, tag) : request.CreateResponse(Forbidden);
    }

    private async Task<bool> AddAsync(
        DbContext context, XcapRealm realm, Subscriber subscriber, IReadOnlyList<WantedDocument> documents,
        SubscriptionDialog dialog, CancellationToken cancellationToken)
    {
        string name = realm.Settings.Resource.ToString();
        DateTimeOffset now = time.GetUtcNow();
        // Those that are over too, until their last NOTIFY is sent: each of them is state.
        int count = await context.Set<SubscriptionRow>().CountAsync(
            known => known.Realm == name && known.Owner == subscriber.Owner, cancellationToken);
        if (count >= realm.Settings.MaxSubscriptionsPerUser)
        {
            return false;
        }

        SubscriptionRow row = new()
        {
            Id = dialog.Dialog.LocalTag,
            CallId = dialog.Dialog.CallId,
            Realm = name,
            Owner = subscriber.Owner,
            Issuer = subscriber.Token.Issuer,
            Subject = subscriber.Token.Subject,
            Dialog = JsonSerializer.Serialize(dialog),
            ExpiresAt = dialog.ExpiresAt,
            AuthenticatedAt = now,
            IsOwed = true,
            BusyUntil = now,
        };
        foreach (WantedDocument document in documents)
        {
            XcapAct act = subscriber.ActOn(document);
            if (await realm.LocateAsync(context, act, null, cancellationToken) is not { } key)
            {
                return false;
            }

            XcapDocumentRow? stored = await XcapOperations.FindAsync(context, key, cancellationToken);
            if (realm.Judge(act, stored?.Content) != ServicesError.None)
            {
                return false;
            }

            row.Resources.Add(new SubscriptionResourceRow
            {
                SubscriptionId = row.Id,
                Ordinal = row.Resources.Count,
                Selector = document.Selector,
                Auid = key.Auid,
                Xui = key.Xui,
                Name = key.Name,
            });
        }

        context.Add(row);
        return true;
    }

    private async Task<SipResponse> RefreshAsync(
        Root root, SubscriptionRequest subscription, SubscriptionList bodies, CancellationToken cancellationToken)
    {
        SipRequest request = subscription.Request;
        Subscriber? subscriber = null;
        if (bodies.Info?.AccessToken is not null && subscription.Expires > 0)
        {
            (subscriber, int status) = await Subscriber.ReadAsync(root.Validator, bodies.Info, cancellationToken);
            if (subscriber is null)
            {
                return Refuse(request, status);
            }
        }

        (SipRefusal? refusal, SubscriptionRequest granted) = await transactions.RunAsync(
            (context, cancellation) => RefreshAsync(context, root.Realm, subscription, subscriber, cancellation),
            cancellationToken);
        return refusal is null
            ? granted.CreateResponse(root.Identity, request.Headers.To!.Tag!)
            : refusal.CreateResponse(request);
    }

    /// <summary>Refreshes or ends a subscription; its documents stay those that it began with.</summary>
    private async Task<(SipRefusal? Refusal, SubscriptionRequest Granted)> RefreshAsync(
        DbContext context, XcapRealm realm, SubscriptionRequest subscription, Subscriber? subscriber,
        CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        string tag = subscription.Request.Headers.To!.Tag!;
        string name = realm.Settings.Resource.ToString();
        SubscriptionRow? row = await context.Set<SubscriptionRow>().Include(known => known.Resources).SingleOrDefaultAsync(
            known => known.Id == tag && known.Realm == name && known.ExpiresAt > now && known.EndReason == null,
            cancellationToken);
        if (row is null)
        {
            return (SubscriptionRequest.Unknown, subscription);
        }

        if (Grant(realm, row, subscription, subscriber, now) is not { } granted)
        {
            return (new SipRefusal(Forbidden), subscription);
        }

        SubscriptionDialog dialog = JsonSerializer.Deserialize<SubscriptionDialog>(row.Dialog)!;
        if (!dialog.TryRefresh(granted, now, out SubscriptionDialog? next, out SipRefusal? refusal))
        {
            return (refusal, granted);
        }

        row.Dialog = JsonSerializer.Serialize(next);
        row.ExpiresAt = next.ExpiresAt;
        row.AuthenticatedAt = subscriber is null ? row.AuthenticatedAt : now;
        row.IsOwed = true;
        return (null, granted);
    }

    /// <summary>
    /// What a refresh gets: with a token, of the owner and still good for every document, the time that it asks for; without one no
    /// more than the longest time since the last. Null if it gets nothing.
    /// </summary>
    private static SubscriptionRequest? Grant(
        XcapRealm realm, SubscriptionRow row, SubscriptionRequest subscription, Subscriber? subscriber, DateTimeOffset now)
    {
        if (subscriber is not null)
        {
            return subscriber.Owner == row.Owner && subscriber.Token.Issuer == row.Issuer
                && subscriber.MayWatch(realm, [.. row.Resources.Select(resource => SubscriptionList.Resolve(realm, resource))])
                ? subscription
                : null;
        }

        // Stored times are whole milliseconds.
        double left = Math.Ceiling((row.AuthenticatedAt.AddSeconds(Rules.MaxExpires) - now).TotalSeconds);
        return subscription.Expires <= left ? subscription
            : left >= Rules.MinExpires ? subscription with { Expires = (uint)left }
            : null;
    }

    private static SipResponse Refuse(SipRequest request, int status)
    {
        SipResponse response = request.CreateResponse(status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            response.Headers.Add(SipHeaderNames.RetryAfter, RetrySeconds);
        }

        return response;
    }

    /// <summary>A root that can be subscribed to.</summary>
    private sealed record Root(XcapRealm Realm, SipUri Identity, AccessTokenValidator Validator);
}
