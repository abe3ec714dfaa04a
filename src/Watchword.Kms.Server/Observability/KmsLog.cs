namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2000 to 2999. No identity and no token in any of them: the correlation id leads to the audit
/// log.</summary>
internal static partial class KmsLog
{
    [LoggerMessage(2000, LogLevel.Information, "Security domain {KmsUri} is open, generation {Generation}")]
    public static partial void DomainOpened(this ILogger log, string kmsUri, int generation);

    [LoggerMessage(2250, LogLevel.Information, "Security domain {KmsUri}, generation {Generation}, is {State}")]
    private static partial void GenerationIs(this ILogger log, string kmsUri, int generation, GenerationState state);

    [LoggerMessage(2251, LogLevel.Error, "Security domain {KmsUri}, generation {Generation}, does not open on this node")]
    private static partial void GenerationNotOpened(this ILogger log, string kmsUri, int generation, Exception fault);

    [LoggerMessage(2252, LogLevel.Warning, "Security domain {KmsUri} is in the store, but Kms:Domains does not name it")]
    public static partial void DomainNotServed(this ILogger log, string kmsUri);

    [LoggerMessage(2253, LogLevel.Error, "A refusal could not be recorded in the audit log [{CorrelationId}]")]
    public static partial void RefusalNotRecorded(this ILogger log, string correlationId, Exception fault);

    [LoggerMessage(2254, LogLevel.Information, "Security event {EventId} of {Issuer} changed the standing of {Count} requesters")]
    public static partial void StandingChanged(this ILogger log, string eventId, string issuer, int count);

    /// <summary>What has become of the generations of a domain.</summary>
    public static void DomainChanged(this ILogger log, SecurityDomain domain)
    {
        foreach (DomainGeneration generation in domain.Generations.All)
        {
            log.GenerationKnown(generation);
        }
    }

    private static void GenerationKnown(this ILogger log, DomainGeneration generation)
    {
        if (generation is { State: GenerationState.Active, Fault: null })
        {
            log.DomainOpened(generation.Record.KmsUri, generation.Number);
        }
        else if (generation.Fault is { } fault)
        {
            log.GenerationNotOpened(generation.Record.KmsUri, generation.Number, fault);
        }
        else
        {
            log.GenerationIs(generation.Record.KmsUri, generation.Number, generation.State);
        }
    }

    [LoggerMessage(2001, LogLevel.Debug, "Gave out {Count} key sets of period {Period} [{CorrelationId}]")]
    public static partial void Issued(this ILogger log, int count, long period, string correlationId);

    [LoggerMessage(2002, LogLevel.Debug, "Gave out the KMS certificate [{CorrelationId}]")]
    public static partial void Initialized(this ILogger log, string correlationId);

    [LoggerMessage(2003, LogLevel.Debug, "Refused a request with {Error} [{CorrelationId}]")]
    public static partial void Refused(this ILogger log, KmsError error, string correlationId);

    [LoggerMessage(2004, LogLevel.Error, "Failed with {Error} [{CorrelationId}]")]
    public static partial void Failed(this ILogger log, KmsError error, string correlationId, Exception fault);

    [LoggerMessage(2005, LogLevel.Debug, "The client left before its answer [{CorrelationId}]")]
    public static partial void ClientLeft(this ILogger log, string correlationId);

    [LoggerMessage(2006, LogLevel.Warning, "Refused an asserted identity with {Fault} [{CorrelationId}]")]
    public static partial void AssertionRefused(this ILogger log, KmsError fault, string correlationId);
}
