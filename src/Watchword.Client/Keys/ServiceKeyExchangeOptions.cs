using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>Whom a profile takes service keys from, and which.</summary>
public sealed record ServiceKeyExchangeOptions
{
    /// <summary>
    /// The GMS URIs that GMKs and MKFCs are taken from, octet by octet (TS 33.180 5.7). None unless set: whoever is keyed in the
    /// domain could hand out keys otherwise.
    /// </summary>
    public IReadOnlyCollection<string> GroupManagementServers { get; init; } = [];

    /// <summary>
    /// The MDSIs of the MCX servers that CSKs, MuSiKs, MSCCKs and SPKs are taken from, octet by octet (TS 33.180 5.8). None unless
    /// set.
    /// </summary>
    public IReadOnlyCollection<string> McxServers { get; init; } = [];

    /// <summary>
    /// The keys that are taken; of each purpose one. Null for what the kind of the profile says: for a user GMK, CSK download,
    /// MKFC, MSCCK and MuSiK (a PCK belongs to <see cref="PrivateCall"/>), for a network entity CSK upload and SPK.
    /// </summary>
    public IReadOnlyList<KeyDistribution>? Expects { get; init; }

    /// <summary>
    /// How old a message in a document may be, such as the GMK in a group document; 90 days unless set. The key set of its key
    /// period must still be there (<see cref="KeyStoreOptions.HistoryPeriods"/>).
    /// </summary>
    public TimeSpan DocumentMaxAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Departures of deployed peers to accept; none unless set.</summary>
    public MikeyTolerances Tolerances { get; init; }

    /// <summary>How many threads make the messages of a group; -1 is one for each processor, 1 unless set.</summary>
    public int MaxDegreeOfParallelism { get; init; } = 1;
}
