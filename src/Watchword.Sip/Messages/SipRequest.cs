using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Watchword.Sip;

/// <summary>A request (RFC 3261 §7.1).</summary>
public sealed class SipRequest : SipMessage
{
    /// <summary>A request without header fields.</summary>
    /// <param name="method">A token, compared with case.</param>
    /// <param name="requestUri">The Request-URI.</param>
    /// <exception cref="ArgumentException">The method is no token, or the URI has header fields (RFC 3261 table 1).</exception>
    public SipRequest(string method, SipUri requestUri)
        : this(method, requestUri, new SipHeaders())
    {
        if (!SipChars.IsToken(method) || requestUri.Headers is not null)
        {
            throw new ArgumentException("A method is a token, and a Request-URI has no header fields.", nameof(method));
        }
    }

    internal SipRequest(string method, SipUri requestUri, SipHeaders headers)
        : base(headers)
    {
        ArgumentNullException.ThrowIfNull(requestUri);
        Method = method;
        RequestUri = requestUri;
    }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The Request-URI.</summary>
    public SipUri RequestUri { get; }

    /// <summary>
    /// A request outside a dialog with what every request has (RFC 3261 §8.1.1): From with a new tag, To, a new Call-ID, CSeq 1
    /// and Max-Forwards 70. Via is added when it is sent.
    /// </summary>
    public static SipRequest Create(string method, SipUri requestUri, SipUri from, SipUri to)
    {
        SipRequest request = new(method, requestUri);
        request.Headers.Add(SipHeaderNames.MaxForwards, "70");
        request.Headers.Add(SipHeaderNames.From, new SipAddress(from).WithTag(SipTokens.Tag()).ToString());
        request.Headers.Add(SipHeaderNames.To, new SipAddress(to).ToString());
        request.Headers.Add(SipHeaderNames.CallId, SipTokens.CallId());
        request.Headers.Add(SipHeaderNames.CSeq, new SipCSeq(1, method).ToString());
        return request;
    }

    /// <summary>A MESSAGE outside a dialog (RFC 3428 §4); it never has a Contact.</summary>
    public static SipRequest CreateMessage(SipUri requestUri, SipUri from, SipUri to) =>
        Create(SipMethods.Message, requestUri, from, to);

    /// <summary>Reads octets that are one whole request.</summary>
    /// <exception cref="SipFormatException">The octets are no request of SIP/2.0, or out of bounds.</exception>
    public static new SipRequest Parse(ReadOnlySpan<byte> octets, SipLimits? limits = null)
    {
        if (SipMessage.Parse(octets, limits) is not SipRequest request)
        {
            throw new SipFormatException(SipFormatFault.StartLine, 0);
        }

        return request;
    }

    /// <summary>Reads octets that are one whole request.</summary>
    /// <returns>False if they are none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out SipRequest? request, SipLimits? limits = null)
    {
        request = SipMessage.TryParse(octets, out SipMessage? message, limits) ? message as SipRequest : null;
        return request is not null;
    }

    /// <summary>
    /// The response to this request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq are its own. To gets a tag when it is
    /// sent, if none is given.
    /// </summary>
    /// <param name="statusCode">100 to 699.</param>
    /// <param name="reasonPhrase">The phrase; null for the usual one.</param>
    /// <param name="toTag">The tag of To, for a response that makes a dialog; null to leave it to the stack.</param>
    public SipResponse CreateResponse(int statusCode, string? reasonPhrase = null, string? toTag = null)
    {
        SipResponse response = new(statusCode, reasonPhrase);
        foreach (SipHeader field in Headers)
        {
            if (field.Name is SipHeaderNames.Via or SipHeaderNames.From or SipHeaderNames.To or SipHeaderNames.CallId
                or SipHeaderNames.CSeq)
            {
                response.Headers.AddRead(field.Name, field.Value);
            }
        }

        if (toTag is not null && Headers.To is { Tag: null } to)
        {
            response.Headers.Set(SipHeaderNames.To, to.WithTag(toTag).ToString());
        }

        return response;
    }

    /// <summary>A copy whose header fields can be changed.</summary>
    internal SipRequest Copy()
    {
        SipRequest copy = new(Method, RequestUri, new SipHeaders()) { Body = Body };
        foreach (SipHeader field in Headers)
        {
            copy.Headers.AddRead(field.Name, field.Value);
        }

        return copy;
    }

    internal override string StartLine() => string.Create(CultureInfo.InvariantCulture, $"{Method} {RequestUri} SIP/2.0");
}
