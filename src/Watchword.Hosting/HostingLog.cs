using Microsoft.Extensions.Logging;

namespace Watchword.Hosting;

/// <summary>Log events 2180 to 2249, the same in every server. None takes a path, an identity or a token.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(EventId = 2180, Message = "{Method} {Route} {Status} error {Error} in {Milliseconds} ms [{CorrelationId}]")]
    public static partial void Request(
        this ILogger log, LogLevel level, string method, string route, int status, string error, double milliseconds,
        string correlationId);

    [LoggerMessage(2190, LogLevel.Information, "A new TLS certificate is in use, valid until {NotAfter:u}")]
    public static partial void CertificateTaken(this ILogger log, DateTimeOffset notAfter);

    [LoggerMessage(2191, LogLevel.Error,
        "The new TLS files cannot be used ({Fault}); the old certificate stays, valid until {NotAfter:u}")]
    public static partial void CertificateRefused(this ILogger log, TlsFault fault, DateTimeOffset notAfter);

    [LoggerMessage(2192, LogLevel.Warning, "The TLS certificate expires in {Days} days, at {NotAfter:u}")]
    public static partial void CertificateExpires(this ILogger log, double days, DateTimeOffset notAfter);

    [LoggerMessage(2200, LogLevel.Information, "Stopping: not ready any more, listening for another {Seconds} s")]
    public static partial void Draining(this ILogger log, double seconds);
}
