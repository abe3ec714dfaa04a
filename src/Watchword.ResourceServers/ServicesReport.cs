namespace Watchword.ResourceServers;

/// <summary>What the services hold at one moment, in counts and names; no key, no token, no document.</summary>
public sealed record ServicesReport
{
    /// <summary>How many clients are authorised at the MCX server, by the name of the service.</summary>
    public required IReadOnlyDictionary<string, int> AuthorizedClients { get; init; }

    /// <summary>How many subscriptions to documents there are.</summary>
    public required int Subscriptions { get; init; }

    /// <summary>How many documents there are, by application unique identifier (RFC 4825 §5.1).</summary>
    public required IReadOnlyDictionary<string, int> Documents { get; init; }

    /// <summary>The groups with a document, by their identity.</summary>
    public required IReadOnlyList<GroupReport> Groups { get; init; }
}

/// <summary>A group and its keys.</summary>
/// <param name="GroupUri">The MC group ID.</param>
/// <param name="Members">Who is to hold its key: MC service IDs, in ordinal order.</param>
/// <param name="Generations">How many GMKs the server remembers of it, those that have ended included.</param>
/// <param name="CurrentKeyId">GMK-ID of the one in use; null if there is none.</param>
/// <param name="Holders">Who may be given that one, in ordinal order.</param>
public sealed record GroupReport(
    string GroupUri, IReadOnlyList<string> Members, int Generations, uint? CurrentKeyId, IReadOnlyList<string> Holders);
