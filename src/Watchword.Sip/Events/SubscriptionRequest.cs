using System.Diagnostics.CodeAnalysis;

namespace Watchword.Sip;

/// <summary>A SUBSCRIBE as a notifier reads it (RFC 6665 §4.2.1).</summary>
/// <param name="Request">The request.</param>
/// <param name="Event">The event package with its parameters.</param>
/// <param name="Expires">The seconds granted; 0 fetches the state once or ends the subscription.</param>
public sealed record SubscriptionRequest(SipRequest Request, SipTokenValue Event, uint Expires)
{
    /// <summary>
    /// The parameter <c>id</c> of Event, which tells subscriptions of one dialog apart; null if it is not there.
    /// </summary>
    public string? EventId => Event.Parameters["id"];

    /// <summary>Whether it is inside a dialog: about a subscription that is there.</summary>
    public bool IsInDialog => Request.Headers.To!.Tag is not null;

    /// <summary>The media types that NOTIFY may have; empty if the subscriber did not say.</summary>
    public IReadOnlyList<SipMediaType> Accept => Request.Headers.Accept;

    /// <summary>
    /// Reads a SUBSCRIBE. If it is inside a dialog, the caller looks for the subscription by <see cref="SipDialog.Matches"/> and
    /// answers <see cref="Unknown"/> if there is none.
    /// </summary>
    /// <returns>
    /// False with the refusal: 489 for another event package, 400 without one Contact or a tag in From, 406 if none of the rules'
    /// media types is accepted, 423 for too brief an interval.
    /// </returns>
    public static bool TryRead(
        SipRequest request, EventStateRules rules, [NotNullWhen(true)] out SubscriptionRequest? subscription,
        [NotNullWhen(false)] out SipRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rules);
        uint granted = 0;
        SipHeaders headers = request.Headers;
        refusal = rules.CheckEvent(headers.Event) ?? CheckSender(headers) ?? CheckAccept(headers, rules)
            ?? rules.CheckExpires(headers.Expires, out granted);
        subscription = refusal is null ? new(request, headers.Event!, granted) : null;
        return subscription is not null;
    }

    /// <summary>481: there is no such subscription (RFC 6665 §4.2.1.1).</summary>
    public static SipRefusal Unknown { get; } = new(481);

    /// <summary>
    /// 200 with the time granted (RFC 6665 §4.2.1.1), the own Contact and, if it makes the dialog, the routes of the request (RFC
    /// 3261 §12.1.1).
    /// </summary>
    /// <param name="contact">The own Contact.</param>
    /// <param name="localTag">The own tag of the dialog.</param>
    public SipResponse CreateResponse(SipUri contact, string localTag)
    {
        SipResponse response = Request.CreateResponse(200, null, localTag);
        foreach (SipAddress route in Request.Headers.RecordRoute)
        {
            response.Headers.Add(SipHeaderNames.RecordRoute, route.ToString());
        }

        response.Headers.Add(SipHeaderNames.Contact, new SipAddress(contact).ToString());
        response.Headers.Add(SipHeaderNames.Expires, Expires.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return response;
    }

    /// <summary>The name of the type: content is not for logs.</summary>
    public override string ToString() => nameof(SubscriptionRequest);

    private static SipRefusal? CheckSender(SipHeaders headers) =>
        headers.From!.Tag is null || headers.Contact is not [{ Uri: { IsSip: true, Headers: null } }] ? new(400) : null;

    private static SipRefusal? CheckAccept(SipHeaders headers, EventStateRules rules) =>
        headers.Accept.Count > 0 && rules.MediaTypes.Count > 0 && !rules.MediaTypes.Any(m => headers.Accept.Any(a => a.Covers(m)))
            ? new(406, new SipHeader(SipHeaderNames.Accept, string.Join(", ", rules.MediaTypes)))
            : null;
}
