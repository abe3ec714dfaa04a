namespace Watchword.Sip;

/// <summary>How the end of a body is known.</summary>
internal enum SipFraming
{
    /// <summary>The octets are one message and nothing else.</summary>
    Exact,

    /// <summary>One datagram: octets behind Content-Length are dropped (RFC 3261 §18.3).</summary>
    Datagram,

    /// <summary>
    /// The head of a message on a stream, where Content-Length must stand (RFC 3261 §20.14); the body comes later.
    /// </summary>
    StreamHead,
}

/// <summary>What came of reading.</summary>
/// <param name="Message">
/// The message. With a fault it is what could be read, if the first line and the shape of the fields were right: enough for an
/// answer.
/// </param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Offset">Where.</param>
/// <param name="BodyLength">What Content-Length says.</param>
/// <param name="HasLength">Whether it says so once and within the bounds, so that the end of the message is known.</param>
internal readonly record struct SipReading(
    SipMessage? Message, SipFormatFault Fault, int Offset, int BodyLength, bool HasLength = false);
