using System.Diagnostics.CodeAnalysis;

namespace Watchword.Sip;

/// <summary>What follows from the response to a NOTIFY (RFC 6665 §4.2.2).</summary>
public enum NotifyOutcome
{
    /// <summary>The subscriber has it.</summary>
    Delivered = 0,

    /// <summary>The subscription is to be removed.</summary>
    Remove = 1,

    /// <summary>It may be sent again, as a new NOTIFY, after the Retry-After of the response or a pause.</summary>
    RetryLater = 2,
}

/// <summary>
/// A subscription at the notifier (RFC 6665 §4.2), of plain values so that it can be stored. Immutable. The keeper stores
/// what a method gives before he sends, and has one NOTIFY of a dialog on its way at a time.
/// </summary>
public sealed record SubscriptionDialog
{
    /// <summary>The dialog.</summary>
    public required SipDialog Dialog { get; init; }

    /// <summary>The event package as the subscriber wrote it.</summary>
    public required string EventPackage { get; init; }

    /// <summary>The parameter <c>id</c> of Event; null for none.</summary>
    public string? EventId { get; init; }

    /// <summary>When the subscription ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The own Contact.</summary>
    public required string LocalContact { get; init; }

    /// <summary>The name of the type: whose subscription it is, is not for logs.</summary>
    public override string ToString() => nameof(SubscriptionDialog);

    /// <summary>The subscription that a SUBSCRIBE outside a dialog makes.</summary>
    /// <param name="subscription">The request.</param>
    /// <param name="contact">The own Contact.</param>
    /// <param name="localTag">The own tag, the same as in the response; see <see cref="SipTokens.Tag"/>.</param>
    /// <param name="now">The time.</param>
    public static SubscriptionDialog Create(SubscriptionRequest subscription, SipUri contact, string localTag, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(contact);
        return new()
        {
            Dialog = SipDialog.FromRequest(subscription.Request, localTag),
            EventPackage = subscription.Event.Value,
            EventId = subscription.EventId,
            ExpiresAt = now.AddSeconds(subscription.Expires),
            LocalContact = contact.ToString(),
        };
    }

    /// <summary>The subscription after a SUBSCRIBE inside its dialog: refreshed, or with Expires 0 ended (§4.2.1.4).</summary>
    /// <returns>False with the refusal: 481 if the request is about another subscription, 500 if it is out of order.</returns>
    public bool TryRefresh(
        SubscriptionRequest subscription, DateTimeOffset now, [NotNullWhen(true)] out SubscriptionDialog? next,
        [NotNullWhen(false)] out SipRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        next = null;
        refusal = null;
        if (!Dialog.Matches(subscription.Request) || !IsSameEvent(subscription.Event))
        {
            refusal = SubscriptionRequest.Unknown;
        }
        else if (Dialog.After(subscription.Request) is { } dialog)
        {
            next = this with { Dialog = dialog, ExpiresAt = now.AddSeconds(subscription.Expires) };
        }
        else
        {
            // RFC 3261 §12.2.2: lower than one that came before.
            refusal = new(500);
        }

        return next is not null;
    }

    /// <summary>
    /// A NOTIFY with the state that the time says: active, or terminated by time-out. The caller adds the body.
    /// </summary>
    public (SipRequest Request, SubscriptionDialog Next) CreateNotify(DateTimeOffset now) =>
        CreateNotify(SipSubscriptionState.Remaining(ExpiresAt - now));

    /// <summary>A NOTIFY (§4.2.2), and the subscription after it. The caller adds the body.</summary>
    public (SipRequest Request, SubscriptionDialog Next) CreateNotify(SipSubscriptionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (SipRequest request, SipDialog dialog) = Dialog.CreateRequest(SipMethods.Notify);
        SipParameters parameters = EventId is null ? SipParameters.Empty : SipParameters.Empty.With("id", EventId);
        request.Headers.Add(SipHeaderNames.Contact, new SipAddress(SipUri.Parse(LocalContact)).ToString());
        request.Headers.Add(SipHeaderNames.Event, new SipTokenValue(EventPackage, parameters).ToString());
        request.Headers.Add(SipHeaderNames.SubscriptionState, state.ToString());
        return (request, this with { Dialog = dialog });
    }

    /// <summary>
    /// What a response means for the subscription. The same goes for a NOTIFY without response: by
    /// <see cref="SipSendFault.Timeout"/> the subscription is removed, after another fault of sending it may be tried again.
    /// </summary>
    public static NotifyOutcome Judge(SipResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.StatusCode switch
        {
            < 300 => NotifyOutcome.Delivered,
            404 or 405 or 408 or 410 or 416 or (>= 480 and <= 485) or 489 or 501 or 604 => NotifyOutcome.Remove,
            >= 500 => NotifyOutcome.RetryLater,
            _ => response.Headers.Contains(SipHeaderNames.RetryAfter) ? NotifyOutcome.RetryLater : NotifyOutcome.Remove,
        };
    }

    private bool IsSameEvent(SipTokenValue @event) =>
        string.Equals(@event.Value, EventPackage, StringComparison.OrdinalIgnoreCase)
        && string.Equals(@event.Parameters["id"], EventId, StringComparison.Ordinal);
}
