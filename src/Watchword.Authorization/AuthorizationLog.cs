using System.Collections.Frozen;
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

    public static void Refused(this ILogger logger, AuthorizationFault fault, string correlationId) =>
        Refusals[fault](logger, AuthorizationFaults.ReasonOf(fault), correlationId, null);

    private static Action<ILogger, string, string, Exception?> Define(AuthorizationFault fault) =>
        LoggerMessage.Define<string, string>(
            fault == AuthorizationFault.KeysNotAvailable ? LogLevel.Warning : LogLevel.Information,
            new EventId((int)fault, fault.ToString()),
            "Request refused: {Reason} (correlation {CorrelationId})");
}
