using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Watchword.Sip;

/// <summary>What a PUBLISH does (RFC 3903 table 1).</summary>
public enum PublicationKind
{
    /// <summary>New event state: a body and no SIP-If-Match.</summary>
    Initial = 0,

    /// <summary>The state goes on: SIP-If-Match and no body.</summary>
    Refresh = 1,

    /// <summary>Other state in the place of the old one: SIP-If-Match and a body.</summary>
    Modify = 2,

    /// <summary>The state ends: Expires is 0.</summary>
    Remove = 3,
}

/// <summary>
/// A PUBLISH as a server of event state reads it (RFC 3903 §6). It keeps nothing: the caller has the entity tags, and makes a new
/// one with <see cref="SipTokens.EntityTag"/> at each success.
/// </summary>
/// <param name="Kind">What it does.</param>
/// <param name="Event">The event package.</param>
/// <param name="IfMatch">
/// The entity tag that it is about; null for an initial one, and for a removal that names none: that one is about whatever the
/// sender has.
/// </param>
/// <param name="Expires">The seconds granted; 0 for a removal.</param>
public sealed record Publication(PublicationKind Kind, SipTokenValue Event, string? IfMatch, uint Expires)
{
    /// <summary>Reads a PUBLISH.</summary>
    /// <returns>
    /// False with the refusal: 489 for another event package, 423 for too brief an interval, 415 for another media type, 400 for
    /// an initial publication without a body.
    /// </returns>
    public static bool TryRead(
        SipRequest request, EventStateRules rules, [NotNullWhen(true)] out Publication? publication,
        [NotNullWhen(false)] out SipRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rules);
        publication = null;
        SipHeaders headers = request.Headers;
        refusal = rules.CheckEvent(headers.Event) ?? rules.CheckExpires(headers.Expires, out _);
        if (refusal is not null)
        {
            return false;
        }

        rules.CheckExpires(headers.Expires, out uint granted);
        PublicationKind kind = KindOf(request, granted);
        if (kind is PublicationKind.Initial or PublicationKind.Modify)
        {
            refusal = CheckBody(request, rules);
        }

        publication = refusal is null ? new(kind, headers.Event!, headers.IfMatch, granted) : null;
        return publication is not null;
    }

    /// <summary>412 if the tag named is not the current one (RFC 3903 §6 step 4); null if it is, or none is named.</summary>
    /// <param name="current">The current entity tag; null if there is no state.</param>
    public SipRefusal? CheckTag(string? current) =>
        IfMatch is null || string.Equals(IfMatch, current, StringComparison.Ordinal) ? null : new(412);

    /// <summary>200 with SIP-ETag and the time granted (RFC 3903 §6 step 6).</summary>
    public SipResponse CreateResponse(SipRequest request, string entityTag)
    {
        ArgumentNullException.ThrowIfNull(request);
        SipResponse response = request.CreateResponse(200);
        response.Headers.Add(SipHeaderNames.Expires, Expires.ToString(CultureInfo.InvariantCulture));
        response.Headers.Add(SipHeaderNames.SipETag, entityTag);
        return response;
    }

    /// <summary>Makes a PUBLISH (RFC 3903 §4); the caller adds the body where there is one.</summary>
    /// <param name="requestUri">Whom it is sent to.</param>
    /// <param name="from">Who publishes.</param>
    /// <param name="to">Whose state it is.</param>
    /// <param name="eventPackage">The event package.</param>
    /// <param name="expires">Seconds; 0 removes.</param>
    /// <param name="ifMatch">The entity tag of the last success; null for an initial publication.</param>
    public static SipRequest CreateRequest(
        SipUri requestUri, SipUri from, SipUri to, string eventPackage, uint expires, string? ifMatch = null)
    {
        SipRequest request = SipRequest.Create(SipMethods.Publish, requestUri, from, to);
        request.Headers.Add(SipHeaderNames.Event, eventPackage);
        request.Headers.Add(SipHeaderNames.Expires, expires.ToString(CultureInfo.InvariantCulture));
        if (ifMatch is not null)
        {
            request.Headers.Add(SipHeaderNames.SipIfMatch, ifMatch);
        }

        return request;
    }

    private static PublicationKind KindOf(SipRequest request, uint expires) =>
        expires == 0 ? PublicationKind.Remove
        : request.Headers.IfMatch is null ? PublicationKind.Initial
        : request.Body.IsEmpty ? PublicationKind.Refresh
        : PublicationKind.Modify;

    private static SipRefusal? CheckBody(SipRequest request, EventStateRules rules)
    {
        if (request.Body.IsEmpty || request.Headers.ContentType is not { } type)
        {
            return new(400);
        }

        return rules.MediaTypes.Count == 0 || rules.MediaTypes.Any(type.Is)
            ? null
            : new(415, new SipHeader(SipHeaderNames.Accept, string.Join(", ", rules.MediaTypes)));
    }
}
