using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Watchword.Authorization;

/// <summary>
/// Log messages; event ids 4000 to 4999 are this project's. A fault's number is its event id, so those messages are defined
/// from the enumeration. No message takes a token, a claim or an identity.
/// </summary>
internal static partial class AuthorizationLog
{
    private static readonly FrozenDictionary<AuthorizationFault, Action<ILogger, string, string, Exception?>> Refusals =
        Enum.GetValues<AuthorizationFault>()
            .Where(fault => fault != AuthorizationFault.None)
            .ToFrozenDictionary(fault => fault, Define);

    [LoggerMessage(EventId = 4900, Level = LogLevel.Warning, Message = "Keys of issuer {Issuer} could not be fetched")]
    public static partial void KeysNotFetched(this ILogger logger, string issuer, Exception exception);

    [LoggerMessage(EventId = 4901, Level = LogLevel.Warning,
        Message = "Keys of issuer {Issuer}: {Source} is not the expected document")]
    public static partial void KeyDocumentMalformed(this ILogger logger, string issuer, string source);

    [LoggerMessage(EventId = 4902, Level = LogLevel.Warning,
        Message = "A security event was refused: {Reason} (correlation {CorrelationId})")]
    public static partial void EventRefused(this ILogger logger, string reason, string correlationId);

    [LoggerMessage(EventId = 4903, Level = LogLevel.Information,
        Message = "The stream of security events of {Issuer} began anew")]
    public static partial void EventStreamBegan(this ILogger logger, string issuer);

    [LoggerMessage(EventId = 4904, Level = LogLevel.Warning, Message = "Introspection at issuer {Issuer} failed")]
    public static partial void IntrospectionFailed(this ILogger logger, string issuer, Exception? exception);

    [LoggerMessage(EventId = 4905, Level = LogLevel.Warning,
        Message = "Issuer {Issuer} has not been heard of for too long; its policy lets the token pass")]
    public static partial void SilentIssuerAllowed(this ILogger logger, string issuer);

    public static void Refused(this ILogger logger, AuthorizationFault fault, string correlationId) =>
        Refusals[fault](logger, AuthorizationFaults.ReasonOf(fault), correlationId, null);

    private static Action<ILogger, string, string, Exception?> Define(AuthorizationFault fault) =>
        LoggerMessage.Define<string, string>(
            AuthorizationFaults.StatusOf(fault) == StatusCodes.Status503ServiceUnavailable
                ? LogLevel.Warning
                : LogLevel.Information,
            new EventId((int)fault, fault.ToString()),
            "Request refused: {Reason} (correlation {CorrelationId})");
}
