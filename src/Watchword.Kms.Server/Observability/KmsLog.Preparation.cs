namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2500 to 2549: preparing ahead.</summary>
internal static partial class KmsLog
{
    [LoggerMessage(2500, LogLevel.Information,
        "Preparing generation {Generation}, period {Period}, is {State} after {Done} identities, fault {Fault}")]
    public static partial void PreparationLeft(
        this ILogger log, int generation, long period, PreparationState state, long done, int fault);

    [LoggerMessage(2501, LogLevel.Warning, "Preparing ahead was interrupted by {Error}, and will be tried again")]
    public static partial void PreparationInterrupted(this ILogger log, KmsError error, Exception fault);

    [LoggerMessage(2502, LogLevel.Information, "Erased {Count} prepared key sets whose time is over")]
    public static partial void PreparedErased(this ILogger log, long count);
}
