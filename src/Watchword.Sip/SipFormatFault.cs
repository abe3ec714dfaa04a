namespace Watchword.Sip;

/// <summary>
/// What is wrong with octets that are not a SIP message, or with text that is not the part of one that it should be.
/// </summary>
public enum SipFormatFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>More octets than <see cref="SipLimits.MaxMessage"/>.</summary>
    TooLarge = 1,

    /// <summary>More header fields than <see cref="SipLimits.MaxHeaders"/>.</summary>
    TooManyHeaders = 2,

    /// <summary>A line longer than <see cref="SipLimits.MaxLine"/>.</summary>
    LineTooLong = 3,

    /// <summary>A line that does not end with CR LF, or octets that may not stand in a line.</summary>
    Octets = 4,

    /// <summary>The first line is neither that of a request nor that of a response.</summary>
    StartLine = 5,

    /// <summary>A version other than SIP/2.0.</summary>
    Version = 6,

    /// <summary>A line that is no header field.</summary>
    HeaderField = 7,

    /// <summary>A header field whose value does not follow its grammar.</summary>
    HeaderValue = 8,

    /// <summary>A header field that every message has is not there.</summary>
    HeaderMissing = 9,

    /// <summary>A header field that stands once at most, or a parameter, stands there twice.</summary>
    Repeated = 10,

    /// <summary>CSeq names another method than the first line.</summary>
    Method = 11,

    /// <summary>Content-Length does not fit the octets that are there, or is missing where it frames.</summary>
    BodyLength = 12,

    /// <summary>The octets end before the message does.</summary>
    Incomplete = 13,

    /// <summary>The body is not of the MIME structure that its type promises, or past the bounds for it.</summary>
    Body = 14,
}
