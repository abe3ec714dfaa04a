using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Observability;

internal static partial class KmsLog
{
    [LoggerMessage(2450, LogLevel.Information,
        "Quirk Q{Number}, {Quirk}, of a client under profile {Profile}; for an hour it is only counted [{CorrelationId}]")]
    public static partial void QuirkSeen(
        this ILogger log, int number, Quirk quirk, ClientProfileKind profile, string correlationId);

    [LoggerMessage(2451, LogLevel.Information,
        "Rule {Rule} would refuse with {Number}, under profile {Profile}; for an hour it is only counted [{CorrelationId}]")]
    public static partial void WouldRefuse(
        this ILogger log, StrictRule rule, int number, ClientProfileKind profile, string correlationId);
}
