using System.Globalization;

namespace Watchword.Sip;

/// <summary>A response (RFC 3261 §7.2).</summary>
public sealed class SipResponse : SipMessage
{
    /// <summary>A response without header fields; <see cref="SipRequest.CreateResponse"/> makes one to a request.</summary>
    /// <param name="statusCode">100 to 699.</param>
    /// <param name="reasonPhrase">The phrase; null for the usual one.</param>
    /// <exception cref="ArgumentException">The code is none, or the phrase holds control characters.</exception>
    public SipResponse(int statusCode, string? reasonPhrase = null)
        : this(statusCode, reasonPhrase ?? SipReasons.Of(statusCode), new SipHeaders())
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 699);
        if (!SipChars.IsText(ReasonPhrase))
        {
            throw new ArgumentException("A reason phrase is text.", nameof(reasonPhrase));
        }
    }

    internal SipResponse(int statusCode, string reasonPhrase, SipHeaders headers)
        : base(headers)
    {
        StatusCode = statusCode;
        ReasonPhrase = reasonPhrase;
    }

    /// <summary>The code, 100 to 699.</summary>
    public int StatusCode { get; }

    /// <summary>The phrase for people; may be empty.</summary>
    public string ReasonPhrase { get; }

    /// <summary>Whether the code is 200 or above.</summary>
    public bool IsFinal => StatusCode >= 200;

    /// <summary>Whether the code is 200 to 299.</summary>
    public bool IsSuccess => StatusCode is >= 200 and < 300;

    internal override string StartLine() =>
        string.Create(CultureInfo.InvariantCulture, $"SIP/2.0 {StatusCode:D3} {ReasonPhrase}");
}
