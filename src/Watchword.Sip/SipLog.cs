using Microsoft.Extensions.Logging;

namespace Watchword.Sip;

/// <summary>Events 7000 to 7099. None holds anything of a message.</summary>
internal static partial class SipLog
{
    [LoggerMessage(7000, LogLevel.Information, "SIP listens on {Transport} {EndPoint}")]
    public static partial void Listening(this ILogger logger, SipTransport transport, System.Net.IPEndPoint endPoint);

    [LoggerMessage(7001, LogLevel.Error, "A SIP handler of {Method} threw {Exception}; the answer was 500")]
    public static partial void HandlerFault(this ILogger logger, string method, string exception);

    [LoggerMessage(7002, LogLevel.Warning, "Receiving on the SIP listener {Transport} failed: {Error}; it goes on")]
    public static partial void ReceiveFault(this ILogger logger, SipTransport transport, System.Net.Sockets.SocketError error);

    [LoggerMessage(7003, LogLevel.Warning, "A SIP handler of {Method} gave a response that cannot be sent; the answer was 500")]
    public static partial void BadResponse(this ILogger logger, string method);
}
