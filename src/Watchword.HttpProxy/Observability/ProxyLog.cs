using Watchword.HttpProxy.Http;

namespace Watchword.HttpProxy.Observability;

/// <summary>Log events 7100 to 7199. No URL, no identity and no token in any of them: routes have the names that the operator
/// gave them.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(7100, LogLevel.Warning, "Refused an asserted identity with {Error} [{CorrelationId}]")]
    public static partial void AssertionRefused(this ILogger log, ProxyError error, string correlationId);

    [LoggerMessage(7101, LogLevel.Debug, "The client left before its answer [{CorrelationId}]")]
    public static partial void ClientLeft(this ILogger log, string correlationId);

    [LoggerMessage(7102, LogLevel.Error, "Failed [{CorrelationId}]")]
    public static partial void Failed(this ILogger log, string correlationId, Exception fault);

    [LoggerMessage(7103, LogLevel.Warning, "Destination {Number} of {Route} failed with {Error} [{CorrelationId}]")]
    public static partial void DestinationFailed(this ILogger log, int number, string route, ProxyError error, string correlationId);

    [LoggerMessage(7104, LogLevel.Information, "Destination {Number} of {Route} answers again")]
    public static partial void DestinationAnswers(this ILogger log, int number, string route);

    [LoggerMessage(7105, LogLevel.Warning, "An answer of {Route} broke off with {Fault} after it had begun [{CorrelationId}]")]
    public static partial void AnswerBroken(this ILogger log, string route, string fault, string correlationId);

    [LoggerMessage(7106, LogLevel.Information, "A new client certificate is shown to servers, valid until {NotAfter:u}")]
    public static partial void ClientCertificateTaken(this ILogger log, DateTimeOffset notAfter);

    [LoggerMessage(7107, LogLevel.Error, "The new files of the client certificate cannot be used ({Fault}); the old one stays, valid until {NotAfter:u}")]
    public static partial void ClientCertificateRefused(this ILogger log, string fault, DateTimeOffset notAfter);
}
