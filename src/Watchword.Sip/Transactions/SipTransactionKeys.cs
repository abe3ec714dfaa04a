using System.Globalization;

namespace Watchword.Sip;

/// <summary>What requests are matched by (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2).</summary>
internal static class SipTransactionKeys
{
    private const char Between = '\n';

    /// <summary>The server transaction of a request; an ACK and a CANCEL match by the method that they are for.</summary>
    public static string Server(SipRequest request, string method)
    {
        SipVia via = request.Headers.Via[0];
        string sentBy = string.Create(CultureInfo.InvariantCulture, $"{via.Host.ToLowerInvariant()}:{via.Port}");
        if (via.Branch is string branch && branch.StartsWith(SipVia.MagicCookie, StringComparison.OrdinalIgnoreCase))
        {
            return string.Join(Between, branch, sentBy, method);
        }

        // A sender of RFC 2543: everything that makes its request what it is.
        SipHeaders headers = request.Headers;
        return string.Join(
            Between, "2543", request.RequestUri, headers.To!.Tag, headers.From!.Tag, headers.CallId,
            headers.CSeq!.Value.Number.ToString(CultureInfo.InvariantCulture), sentBy, via.Branch, method);
    }

    /// <summary>What two requests share that came by two ways; null if the request is inside a dialog.</summary>
    public static string? Merge(SipRequest request)
    {
        SipHeaders headers = request.Headers;
        return headers.To!.Tag is null ? string.Join(Between, headers.CallId, headers.From!.Tag, headers.CSeq!.Value.ToString())
            : null;
    }

    /// <summary>The client transaction of a response, or of a request that is sent.</summary>
    public static string? Client(SipMessage message) =>
        message.Headers.Via is [{ Branch: string branch }, ..] ? string.Join(Between, branch, message.Headers.CSeq!.Value.Method)
            : null;
}
