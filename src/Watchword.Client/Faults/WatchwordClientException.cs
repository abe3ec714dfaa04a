using Watchword.McServices.Xcap;

namespace Watchword.Client;

/// <summary>
/// The one exception of this library: a fault of the closed set, in words, with what to do next. It never holds a secret.
/// </summary>
public sealed class WatchwordClientException : Exception
{
    /// <summary>Makes the exception of <paramref name="fault"/>.</summary>
    /// <param name="fault">Which fault.</param>
    /// <param name="detail">What was seen this time; null if there is nothing to add. Never a secret, never content of a
    /// message.</param>
    /// <param name="correlationId">The identifier that the server logged the request under; null if no server was
    /// involved.</param>
    /// <param name="inner">The cause.</param>
    public WatchwordClientException(ClientFault fault, string? detail = null, string? correlationId = null, Exception? inner = null)
        : base(Compose(fault, detail), inner)
    {
        Fault = fault;
        Detail = detail;
        CorrelationId = correlationId;
    }

    /// <summary>Which fault.</summary>
    public ClientFault Fault { get; }

    /// <summary>The stable number of the fault, 5000 to 5999.</summary>
    public int Number => (int)Fault;

    /// <summary>What was seen this time, or null.</summary>
    public string? Detail { get; }

    /// <summary>The clause that the fault stands on, for example <c>TS 33.180 F.2.1</c>.</summary>
    public string Clause => ClientFaults.Describe(Fault).Clause;

    /// <summary>What a person can do next.</summary>
    public string NextStep => ClientFaults.Describe(Fault).NextStep;

    /// <summary>The identifier that the server logged the request under, or null.</summary>
    public string? CorrelationId { get; }

    /// <summary>The HTTP status of the answer, where there was one.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The <c>ErrorCode</c> of the KMS (D.3.1), where there was one.</summary>
    public int? KmsErrorCode { get; init; }

    /// <summary>
    /// The body of a conflict (RFC 4825 §11), where there was one that could be read: it may offer other values. It may hold
    /// identities, so it is not for logs.
    /// </summary>
    public XcapError? XcapError { get; init; }

    /// <summary>How long the server asked to be left alone (<c>Retry-After</c>), where it did.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// True if it is a refusal that the KMS signed for a client with transport keys: nobody between the two made it up.
    /// </summary>
    internal bool IsSigned { get; init; }

    private static string Compose(ClientFault fault, string? detail)
    {
        string message = ClientFaults.Describe(fault).Message;
        return detail is null ? message : $"{message}: {detail}";
    }
}
