using System.Collections.Frozen;

namespace Watchword.Sip;

/// <summary>What the value of each known header field must look like, and which stand in a message once at most.</summary>
internal static class SipHeaderRules
{
    private const int MostForwards = 255;

    private delegate bool Rule(ReadOnlySpan<char> value, out int offset);

    private static readonly FrozenDictionary<string, Rule> _rules = new Dictionary<string, Rule>(StringComparer.Ordinal)
    {
        [SipHeaderNames.Via] = ListOf<SipVia>(SipVia.TryRead),
        [SipHeaderNames.From] = One<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.To] = One<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.CallId] = One<string>(TryCallId),
        [SipHeaderNames.CSeq] = One<SipCSeq>(SipCSeq.TryRead),
        [SipHeaderNames.MaxForwards] = One<uint>(TryForwards),
        [SipHeaderNames.Contact] = IsContact,
        [SipHeaderNames.Route] = ListOf<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.RecordRoute] = ListOf<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.ServiceRoute] = ListOf<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.Path] = ListOf<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.Expires] = One<uint>(SipText.Number),
        [SipHeaderNames.MinExpires] = One<uint>(SipText.Number),
        [SipHeaderNames.Event] = One<SipTokenValue>(SipTokenValue.TryRead),
        [SipHeaderNames.SipETag] = One<string>(SipText.Token),
        [SipHeaderNames.SipIfMatch] = One<string>(SipText.Token),
        [SipHeaderNames.PAssertedIdentity] = ListOf<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.PPreferredIdentity] = ListOf<SipAddress>(SipAddress.TryRead),
        [SipHeaderNames.PAssertedService] = ListOf<string>(TryUrn),
        [SipHeaderNames.PPreferredService] = ListOf<string>(TryUrn),
        [SipHeaderNames.Accept] = ListOf<SipMediaType>(SipMediaType.TryRead, mayBeEmpty: true),
        [SipHeaderNames.AcceptContact] = ListOf<SipTokenValue>(TryFeatures),
        [SipHeaderNames.ContentType] = One<SipMediaType>(SipMediaType.TryRead),
        [SipHeaderNames.Warning] = ListOf<SipWarning>(SipWarning.TryRead),
        [SipHeaderNames.RetryAfter] = One<SipRetryAfter>(SipRetryAfter.TryRead),
        [SipHeaderNames.Allow] = ListOf<string>(SipText.Token, mayBeEmpty: true),
        [SipHeaderNames.AllowEvents] = ListOf<string>(SipText.Token),
        [SipHeaderNames.SubscriptionState] = One<SipTokenValue>(SipTokenValue.TryRead),
        [SipHeaderNames.Require] = ListOf<string>(SipText.Token),
        [SipHeaderNames.ProxyRequire] = ListOf<string>(SipText.Token),
        [SipHeaderNames.Supported] = ListOf<string>(SipText.Token, mayBeEmpty: true),
        [SipHeaderNames.Unsupported] = ListOf<string>(SipText.Token),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> _single = FrozenSet.Create(
        StringComparer.Ordinal, SipHeaderNames.From, SipHeaderNames.To, SipHeaderNames.CallId, SipHeaderNames.CSeq,
        SipHeaderNames.MaxForwards, SipHeaderNames.Expires, SipHeaderNames.MinExpires, SipHeaderNames.Event,
        SipHeaderNames.SipETag, SipHeaderNames.SipIfMatch, SipHeaderNames.ContentType,
        SipHeaderNames.RetryAfter, SipHeaderNames.SubscriptionState);

    /// <summary>Whether the field may stand in a message only once.</summary>
    public static bool IsSingle(string name) => _single.Contains(name);

    /// <summary>Whether the value follows the grammar of its field; a field without a rule may have any text.</summary>
    /// <param name="name">The canonical name.</param>
    /// <param name="value">The value.</param>
    /// <param name="offset">Where in the value the fault is.</param>
    public static bool IsValid(string name, string value, out int offset)
    {
        offset = 0;
        return !_rules.TryGetValue(name, out Rule? rule) || rule(value, out offset);
    }

    /// <summary>A URN; the grammar of RFC 6050 is that of Service-ID.</summary>
    public static bool TryUrn(ref SipScanner scanner, out string urn)
    {
        bool read = scanner.TryRun(SipChars.PlainValue, out ReadOnlySpan<char> text)
            && text.StartsWith("urn:", StringComparison.OrdinalIgnoreCase);
        urn = read ? text.ToString() : "";
        return read;
    }

    /// <summary>callid = word [ "@" word ].</summary>
    public static bool TryCallId(ref SipScanner scanner, out string callId)
    {
        ReadOnlySpan<char> whole = scanner.Rest;
        int start = scanner.Position;
        bool read = scanner.TryRun(SipChars.Word, out _) && (!scanner.TryChar('@') || scanner.TryRun(SipChars.Word, out _));
        callId = read ? whole[..(scanner.Position - start)].ToString() : "";
        return read;
    }

    private static bool TryForwards(ref SipScanner scanner, out uint number) =>
        scanner.TryNumber(out number) && number <= MostForwards;

    private static bool TryFeatures(ref SipScanner scanner, out SipTokenValue value) =>
        SipTokenValue.TryRead(ref scanner, out value) && value.Value == "*";

    private static bool IsContact(ReadOnlySpan<char> value, out int offset)
    {
        offset = 0;
        return value is "*" || SipText.TryList<SipAddress>(value, SipAddress.TryRead, [], out offset);
    }

    private static Rule One<T>(SipText.Reader<T> reader) =>
        (ReadOnlySpan<char> value, out int offset) => SipText.TryOne(value, reader, out _, out offset);

    private static Rule ListOf<T>(SipText.Reader<T> reader, bool mayBeEmpty = false) =>
        (ReadOnlySpan<char> value, out int offset) =>
    {
        offset = 0;
        return (mayBeEmpty && value.IsEmpty) || SipText.TryList(value, reader, [], out offset);
    };
}
