using System.Globalization;

namespace Watchword.Sip;

/// <summary>
/// The state of a dialog (RFC 3261 §12), of plain values so that it can be stored. Immutable: what changes it gives a new one,
/// which the keeper stores before it sends.
/// </summary>
public sealed record SipDialog
{
    /// <summary>Call-ID.</summary>
    public required string CallId { get; init; }

    /// <summary>The own tag.</summary>
    public required string LocalTag { get; init; }

    /// <summary>The tag of the other side; null as long as a subscriber has heard nothing from it.</summary>
    public string? RemoteTag { get; init; }

    /// <summary>The own URI.</summary>
    public required string LocalUri { get; init; }

    /// <summary>The URI of the other side.</summary>
    public required string RemoteUri { get; init; }

    /// <summary>Where requests go: the Contact of the other side.</summary>
    public required string RemoteTarget { get; init; }

    /// <summary>The routes in the order in which they are taken, each as a value of Route.</summary>
    public IReadOnlyList<string> RouteSet { get; init; } = [];

    /// <summary>CSeq of the last request sent; 0 for none.</summary>
    public uint LocalCSeq { get; init; }

    /// <summary>CSeq of the last request received; null for none.</summary>
    public uint? RemoteCSeq { get; init; }

    /// <summary>The name of the type: whose dialog it is, is not for logs.</summary>
    public override string ToString() => nameof(SipDialog);

    /// <summary>The dialog that a request from outside one makes at its receiver (§12.1.1).</summary>
    /// <param name="request">A request with one Contact and a tag in From.</param>
    /// <param name="localTag">The tag that the response has.</param>
    public static SipDialog FromRequest(SipRequest request, string localTag)
    {
        ArgumentNullException.ThrowIfNull(request);
        SipHeaders headers = request.Headers;
        return new()
        {
            CallId = headers.CallId!,
            LocalTag = localTag,
            RemoteTag = headers.From!.Tag,
            LocalUri = headers.To!.Uri.ToString(),
            RemoteUri = headers.From.Uri.ToString(),
            RemoteTarget = headers.Contact[0].Uri.ToString(),
            RouteSet = [.. headers.RecordRoute.Select(r => r.ToString())],
            RemoteCSeq = headers.CSeq!.Value.Number,
        };
    }

    /// <summary>Whether a request belongs to this dialog (§12.2.2).</summary>
    public bool Matches(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        SipHeaders headers = request.Headers;
        return string.Equals(headers.CallId, CallId, StringComparison.Ordinal)
            && string.Equals(headers.To?.Tag, LocalTag, StringComparison.Ordinal)
            && (RemoteTag is null || string.Equals(headers.From?.Tag, RemoteTag, StringComparison.Ordinal));
    }

    /// <summary>This dialog after a request of the other side: its CSeq, and its Contact as the new target (§12.2.2).</summary>
    /// <returns>Null if the request is older than one that came before; the answer is 500.</returns>
    public SipDialog? After(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        uint number = request.Headers.CSeq!.Value.Number;
        if (number <= RemoteCSeq)
        {
            return null;
        }

        return this with
        {
            RemoteCSeq = number,
            RemoteTag = RemoteTag ?? request.Headers.From!.Tag,
            RemoteTarget = request.Headers.Contact is [SipAddress contact] ? contact.Uri.ToString() : RemoteTarget,
        };
    }

    /// <summary>The next request inside the dialog, and the dialog after it (§12.2.1.1).</summary>
    public (SipRequest Request, SipDialog Next) CreateRequest(string method)
    {
        SipDialog next = this with { LocalCSeq = LocalCSeq + 1 };
        List<string> routes = [.. RouteSet];
        SipUri target = SipUri.Parse(RemoteTarget);
        if (routes.Count > 0 && SipAddress.Parse(routes[0]) is var first && !first.Uri.Parameters.Contains("lr"))
        {
            // A strict router of RFC 2543: it is the target, and the target the last route.
            routes.Add(new SipAddress(target).ToString());
            routes.RemoveAt(0);
            target = first.Uri;
        }

        // Header fields of a Contact say how to begin something new (RFC 3261 §19.1.5): in a dialog they have no place.
        SipRequest request = new(method, target.Headers is null ? target : target.WithParameters(target.Parameters));
        SipHeaders headers = request.Headers;
        routes.ForEach(route => headers.Add(SipHeaderNames.Route, route));
        headers.Add(SipHeaderNames.MaxForwards, "70");
        headers.Add(SipHeaderNames.From, new SipAddress(SipUri.Parse(LocalUri)).WithTag(LocalTag).ToString());
        headers.Add(SipHeaderNames.To, new SipAddress(SipUri.Parse(RemoteUri)).WithTag(RemoteTag).ToString());
        headers.Add(SipHeaderNames.CallId, CallId);
        headers.Add(SipHeaderNames.CSeq, string.Create(CultureInfo.InvariantCulture, $"{next.LocalCSeq} {method}"));
        return (request, next);
    }
}
