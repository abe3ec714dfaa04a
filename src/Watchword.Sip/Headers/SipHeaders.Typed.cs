namespace Watchword.Sip;

/// <content>
/// Fields read into their types. Where a message was parsed, these fields have been checked and reading them does not throw; in
/// one made by hand a bad value throws <see cref="SipFormatException"/>. Single values are null, and lists empty, if the field is
/// not there.
/// </content>
public sealed partial class SipHeaders
{
    /// <summary>Via, the newest first (RFC 3261 §20.42).</summary>
    public IReadOnlyList<SipVia> Via => List<SipVia>(SipHeaderNames.Via, SipVia.TryRead);

    /// <summary>From (RFC 3261 §20.20).</summary>
    public SipAddress? From => One<SipAddress>(SipHeaderNames.From, SipAddress.TryRead);

    /// <summary>To (RFC 3261 §20.39).</summary>
    public SipAddress? To => One<SipAddress>(SipHeaderNames.To, SipAddress.TryRead);

    /// <summary>Call-ID (RFC 3261 §20.8).</summary>
    public string? CallId => this[SipHeaderNames.CallId];

    /// <summary>CSeq (RFC 3261 §20.16).</summary>
    public SipCSeq? CSeq => this[SipHeaderNames.CSeq] is string text ? SipCSeq.Parse(text) : null;

    /// <summary>Max-Forwards, 0 to 255 (RFC 3261 §20.22).</summary>
    public uint? MaxForwards => Number(SipHeaderNames.MaxForwards);

    /// <summary>Contact without the asterisk (RFC 3261 §20.10).</summary>
    public IReadOnlyList<SipAddress> Contact =>
        HasWildcardContact ? [] : List<SipAddress>(SipHeaderNames.Contact, SipAddress.TryRead);

    /// <summary>Whether Contact is an asterisk: all bindings (RFC 3261 §10.2.2).</summary>
    public bool HasWildcardContact => this[SipHeaderNames.Contact] is "*";

    /// <summary>Route (RFC 3261 §20.34).</summary>
    public IReadOnlyList<SipAddress> Route => List<SipAddress>(SipHeaderNames.Route, SipAddress.TryRead);

    /// <summary>Record-Route (RFC 3261 §20.30).</summary>
    public IReadOnlyList<SipAddress> RecordRoute => List<SipAddress>(SipHeaderNames.RecordRoute, SipAddress.TryRead);

    /// <summary>Service-Route (RFC 3608 §5).</summary>
    public IReadOnlyList<SipAddress> ServiceRoute => List<SipAddress>(SipHeaderNames.ServiceRoute, SipAddress.TryRead);

    /// <summary>Path (RFC 3327 §4).</summary>
    public IReadOnlyList<SipAddress> Path => List<SipAddress>(SipHeaderNames.Path, SipAddress.TryRead);

    /// <summary>Expires, seconds (RFC 3261 §20.19).</summary>
    public uint? Expires => Number(SipHeaderNames.Expires);

    /// <summary>Min-Expires, seconds (RFC 3261 §20.23).</summary>
    public uint? MinExpires => Number(SipHeaderNames.MinExpires);

    /// <summary>Event (RFC 6665 §8.2.1).</summary>
    public SipTokenValue? Event => One<SipTokenValue>(SipHeaderNames.Event, SipTokenValue.TryRead);

    /// <summary>SIP-ETag (RFC 3903 §11.3.1).</summary>
    public string? ETag => this[SipHeaderNames.SipETag];

    /// <summary>SIP-If-Match (RFC 3903 §11.3.2).</summary>
    public string? IfMatch => this[SipHeaderNames.SipIfMatch];

    /// <summary>
    /// P-Asserted-Identity: one or two addresses (RFC 3325 §9.1). Only a request from a trusted peer may be believed.
    /// </summary>
    public IReadOnlyList<SipAddress> AssertedIdentity => List<SipAddress>(SipHeaderNames.PAssertedIdentity, SipAddress.TryRead);

    /// <summary>P-Preferred-Identity (RFC 3325 §9.2).</summary>
    public IReadOnlyList<SipAddress> PreferredIdentity => List<SipAddress>(SipHeaderNames.PPreferredIdentity, SipAddress.TryRead);

    /// <summary>P-Preferred-Service: service URNs (RFC 6050 §4.2).</summary>
    public IReadOnlyList<string> PreferredService => List<string>(SipHeaderNames.PPreferredService, SipHeaderRules.TryUrn);

    /// <summary>P-Asserted-Service: service URNs (RFC 6050 §4.1).</summary>
    public IReadOnlyList<string> AssertedService => List<string>(SipHeaderNames.PAssertedService, SipHeaderRules.TryUrn);

    /// <summary>Accept; an empty list if the field is not there or empty (RFC 3261 §20.1).</summary>
    public IReadOnlyList<SipMediaType> Accept => List<SipMediaType>(SipHeaderNames.Accept, SipMediaType.TryRead);

    /// <summary>Accept-Contact: an asterisk with feature parameters (RFC 3841 §9.2).</summary>
    public IReadOnlyList<SipTokenValue> AcceptContact => List<SipTokenValue>(SipHeaderNames.AcceptContact, SipTokenValue.TryRead);

    /// <summary>Content-Type (RFC 3261 §20.15).</summary>
    public SipMediaType? ContentType => One<SipMediaType>(SipHeaderNames.ContentType, SipMediaType.TryRead);

    /// <summary>Warning (RFC 3261 §20.43).</summary>
    public IReadOnlyList<SipWarning> Warning => List<SipWarning>(SipHeaderNames.Warning, SipWarning.TryRead);

    /// <summary>Retry-After (RFC 3261 §20.33).</summary>
    public SipRetryAfter? RetryAfter => One<SipRetryAfter>(SipHeaderNames.RetryAfter, SipRetryAfter.TryRead);

    /// <summary>Allow: methods (RFC 3261 §20.5).</summary>
    public IReadOnlyList<string> Allow => Tokens(SipHeaderNames.Allow);

    /// <summary>Allow-Events: event packages (RFC 6665 §8.2.2).</summary>
    public IReadOnlyList<string> AllowEvents => Tokens(SipHeaderNames.AllowEvents);

    /// <summary>Subscription-State (RFC 6665 §8.2.3).</summary>
    public SipTokenValue? SubscriptionState => One<SipTokenValue>(SipHeaderNames.SubscriptionState, SipTokenValue.TryRead);

    /// <summary>Require: option tags (RFC 3261 §20.32).</summary>
    public IReadOnlyList<string> Require => Tokens(SipHeaderNames.Require);

    /// <summary>Proxy-Require: option tags (RFC 3261 §20.29).</summary>
    public IReadOnlyList<string> ProxyRequire => Tokens(SipHeaderNames.ProxyRequire);

    /// <summary>Supported: option tags (RFC 3261 §20.37).</summary>
    public IReadOnlyList<string> Supported => Tokens(SipHeaderNames.Supported);

    /// <summary>Unsupported: option tags (RFC 3261 §20.40).</summary>
    public IReadOnlyList<string> Unsupported => Tokens(SipHeaderNames.Unsupported);

    private List<string> Tokens(string name) => List<string>(name, SipText.Token);

    private uint? Number(string name) => this[name] is string text ? SipText.One<uint>(text, SipText.Number) : null;

    private T? One<T>(string name, SipText.Reader<T> reader)
        where T : class => this[name] is string text ? SipText.One(text, reader) : null;

    private List<T> List<T>(string name, SipText.Reader<T> reader)
    {
        List<T> values = [];
        foreach (SipHeader field in _fields)
        {
            // Names that have a type are stored in their canonical spelling. Some lists may be empty: Accept, Allow, Supported.
            if (string.Equals(field.Name, name, StringComparison.Ordinal) && field.Value.Length > 0
                && !SipText.TryList(field.Value, reader, values, out int offset))
            {
                SipFormatException.Throw(SipFormatFault.HeaderValue, offset);
            }
        }

        return values;
    }
}
