using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Watchword.Sip;

/// <summary>
/// A subscription at the subscriber (RFC 6665 §4.1), of plain values so that it can be stored. Immutable. Of several notifiers
/// that a SUBSCRIBE may reach, the first to answer counts; the others get 481.
/// </summary>
public sealed record SubscriberDialog
{
    /// <summary>The dialog; without a remote tag until the notifier has been heard.</summary>
    public required SipDialog Dialog { get; init; }

    /// <summary>The event package.</summary>
    public required string EventPackage { get; init; }

    /// <summary>The own Contact.</summary>
    public required string LocalContact { get; init; }

    /// <summary>The media types for NOTIFY, as Accept says them; null for the default of the package.</summary>
    public string? Accept { get; init; }

    /// <summary>When the subscription ends unless it is refreshed; null as long as that is not known.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The name of the type: whose subscription it is, is not for logs.</summary>
    public override string ToString() => nameof(SubscriberDialog);

    /// <summary>The first SUBSCRIBE (§4.1.2.1), and the subscription that it may make.</summary>
    /// <param name="requestUri">Whom it is sent to.</param>
    /// <param name="from">Who subscribes.</param>
    /// <param name="to">Whose state is wanted.</param>
    /// <param name="contact">Where NOTIFY is received.</param>
    /// <param name="eventPackage">The event package.</param>
    /// <param name="expires">Seconds; 0 fetches the state once.</param>
    /// <param name="accept">Media types for NOTIFY; none for the default of the package.</param>
    public static (SipRequest Request, SubscriberDialog Next) Create(
        SipUri requestUri, SipUri from, SipUri to, SipUri contact, string eventPackage, uint expires,
        params IReadOnlyList<string> accept)
    {
        ArgumentNullException.ThrowIfNull(requestUri);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(contact);
        ArgumentNullException.ThrowIfNull(accept);
        SubscriberDialog state = new()
        {
            Dialog = new()
            {
                CallId = SipTokens.CallId(),
                LocalTag = SipTokens.Tag(),
                LocalUri = from.ToString(),
                RemoteUri = to.ToString(),
                RemoteTarget = requestUri.ToString(),
            },
            EventPackage = eventPackage,
            LocalContact = contact.ToString(),
            Accept = accept.Count == 0 ? null : string.Join(", ", accept),
        };
        return state.CreateSubscribe(expires);
    }

    /// <summary>The next SUBSCRIBE: a refresh, or with 0 the end (§4.1.2.2, §4.1.2.3).</summary>
    public (SipRequest Request, SubscriberDialog Next) CreateSubscribe(uint expires)
    {
        (SipRequest request, SipDialog dialog) = Dialog.CreateRequest(SipMethods.Subscribe);
        request.Headers.Add(SipHeaderNames.Contact, new SipAddress(SipUri.Parse(LocalContact)).ToString());
        request.Headers.Add(SipHeaderNames.Event, EventPackage);
        request.Headers.Add(SipHeaderNames.Expires, expires.ToString(CultureInfo.InvariantCulture));
        if (Accept is not null)
        {
            request.Headers.Add(SipHeaderNames.Accept, Accept);
        }

        return (request, this with { Dialog = dialog });
    }

    /// <summary>
    /// The subscription after a successful response to its SUBSCRIBE: the dialog, if NOTIFY has not made it, and the time
    /// granted.
    /// </summary>
    /// <returns>This one unchanged if another notifier has answered before.</returns>
    public SubscriberDialog After(SipResponse response, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(response);
        string? tag = response.Headers.To?.Tag;
        if (!response.IsSuccess
            || (Dialog.RemoteTag is not null && !string.Equals(Dialog.RemoteTag, tag, StringComparison.Ordinal)))
        {
            return this;
        }

        SipHeaders headers = response.Headers;
        SipDialog dialog = Dialog with
        {
            RemoteTag = tag,
            RemoteTarget = headers.Contact is [SipAddress contact] ? contact.Uri.ToString() : Dialog.RemoteTarget,
            // RFC 3261 §12.1.2: at the side that asked, the routes come in reverse.
            RouteSet = Dialog.RemoteTag is null ? [.. headers.RecordRoute.Reverse().Select(r => r.ToString())] : Dialog.RouteSet,
        };
        return this with { Dialog = dialog, ExpiresAt = headers.Expires is uint seconds ? now.AddSeconds(seconds) : ExpiresAt };
    }

    /// <summary>
    /// The subscription after a NOTIFY (§4.1.3), which may come before the response to SUBSCRIBE and then makes the dialog
    /// (§4.4.1).
    /// </summary>
    /// <returns>
    /// False with the refusal: 481 if it is about another subscription, 400 without a Subscription-State that can be read, 500 if
    /// it is out of order.
    /// </returns>
    public bool TryNotify(
        SipRequest notify, DateTimeOffset now, [NotNullWhen(true)] out SubscriberDialog? next,
        [NotNullWhen(true)] out SipSubscriptionState? state, [NotNullWhen(false)] out SipRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(notify);
        next = null;
        state = null;
        refusal = null;
        if (!Dialog.Matches(notify) || notify.Headers.From?.Tag is null || !IsEvent(notify.Headers.Event))
        {
            refusal = SubscriptionRequest.Unknown;
        }
        else if (!SipSubscriptionState.TryRead(notify.Headers.SubscriptionState, out state))
        {
            refusal = new(400);
        }
        else if (Dialog.After(notify) is { } dialog)
        {
            bool makes = Dialog.RemoteTag is null;
            next = this with
            {
                Dialog = makes ? dialog with { RouteSet = [.. notify.Headers.RecordRoute.Select(r => r.ToString())] } : dialog,
                ExpiresAt = state.Phase == SubscriptionPhase.Terminated ? now
                    : state.Expires is uint seconds ? now.AddSeconds(seconds)
                    : ExpiresAt,
            };
        }
        else
        {
            refusal = new(500);
        }

        return next is not null;
    }

    private bool IsEvent(SipTokenValue? @event) =>
        @event is not null && string.Equals(@event.Value, EventPackage, StringComparison.OrdinalIgnoreCase)
            && !@event.Parameters.Contains("id");
}
