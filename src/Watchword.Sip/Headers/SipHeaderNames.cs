using System.Collections.Frozen;

namespace Watchword.Sip;

/// <summary>Names of header fields as they are written, and their compact forms (RFC 3261 §7.3.3, §20).</summary>
public static class SipHeaderNames
{
#pragma warning disable CS1591 // Each constant is the name that it holds.
    public const string Accept = "Accept";
    public const string AcceptContact = "Accept-Contact";
    public const string Allow = "Allow";
    public const string AllowEvents = "Allow-Events";
    public const string CallId = "Call-ID";
    public const string Contact = "Contact";
    public const string ContentEncoding = "Content-Encoding";
    public const string ContentLength = "Content-Length";
    public const string ContentType = "Content-Type";
    public const string CSeq = "CSeq";
    public const string Event = "Event";
    public const string Expires = "Expires";
    public const string From = "From";
    public const string MaxForwards = "Max-Forwards";
    public const string MinExpires = "Min-Expires";
    public const string PAssertedIdentity = "P-Asserted-Identity";
    public const string PAssertedService = "P-Asserted-Service";
    public const string Path = "Path";
    public const string PPreferredIdentity = "P-Preferred-Identity";
    public const string PPreferredService = "P-Preferred-Service";
    public const string ProxyRequire = "Proxy-Require";
    public const string RecordRoute = "Record-Route";
    public const string ReferTo = "Refer-To";
    public const string RejectContact = "Reject-Contact";
    public const string Require = "Require";
    public const string RetryAfter = "Retry-After";
    public const string Route = "Route";
    public const string Server = "Server";
    public const string ServiceRoute = "Service-Route";
    public const string SipETag = "SIP-ETag";
    public const string SipIfMatch = "SIP-If-Match";
    public const string Subject = "Subject";
    public const string SubscriptionState = "Subscription-State";
    public const string Supported = "Supported";
    public const string To = "To";
    public const string Unsupported = "Unsupported";
    public const string UserAgent = "User-Agent";
    public const string Via = "Via";
    public const string Warning = "Warning";
#pragma warning restore CS1591

    private static readonly FrozenDictionary<string, string> _canonical = Build();

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _lookup =
        _canonical.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The name as this library writes it: compact forms spelt out, known names in their usual case, others unchanged.
    /// </summary>
    public static string Canonical(ReadOnlySpan<char> name) =>
        _lookup.TryGetValue(name, out string? known) ? known : name.ToString();

    private static FrozenDictionary<string, string> Build()
    {
        string[] names =
        [
            Accept, AcceptContact, Allow, AllowEvents, CallId, Contact, ContentEncoding, ContentLength, ContentType, CSeq, Event,
            Expires, From, MaxForwards, MinExpires, PAssertedIdentity, PAssertedService, Path, PPreferredIdentity,
            PPreferredService, ProxyRequire, RecordRoute, ReferTo, RejectContact, Require, RetryAfter, Route, Server,
            ServiceRoute, SipETag, SipIfMatch, Subject, SubscriptionState, Supported, To, Unsupported, UserAgent, Via, Warning,
        ];
        Dictionary<string, string> map = names.ToDictionary(n => n, n => n, StringComparer.OrdinalIgnoreCase);

        // RFC 3261 §20; RFC 6665 §8.4 (o, u); RFC 3841 §9 (a, j); RFC 3515 (r).
        foreach ((string compact, string name) in new[]
        {
            ("a", AcceptContact), ("c", ContentType), ("e", ContentEncoding), ("f", From), ("i", CallId), ("j", RejectContact),
            ("k", Supported), ("l", ContentLength), ("m", Contact), ("o", Event), ("r", ReferTo), ("s", Subject), ("t", To),
            ("u", AllowEvents), ("v", Via),
        })
        {
            map.Add(compact, name);
        }

        return map.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
