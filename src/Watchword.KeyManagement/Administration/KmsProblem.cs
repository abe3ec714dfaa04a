namespace Watchword.KeyManagement.Administration;

/// <summary>A fault as the admin API answers it (RFC 9457).</summary>
public sealed class KmsProblem
{
    /// <summary>Where the error is explained.</summary>
    public string? Type { get; init; }

    /// <summary>What happened, for people.</summary>
    public string? Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>What exactly, and what to do now. Without identity and without secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The stable number of the error.</summary>
    public int? Code { get; init; }

    /// <summary>Ties answer, log and audit together.</summary>
    public string? CorrelationId { get; init; }
}
