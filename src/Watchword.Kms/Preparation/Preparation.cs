namespace Watchword.Kms;

/// <summary>Where the identities of a preparation come from. The numbers are those of the store and never change.</summary>
public enum PreparationSource
{
    /// <summary>Whoever was keyed in the key period in which it was begun.</summary>
    Issued = 0,

    /// <summary>A list that the officer handed in.</summary>
    Listed = 1,
}

/// <summary>What has become of a preparation. The numbers are those of the store and never change.</summary>
public enum PreparationState
{
    /// <summary>A node works on it, or the next that finds it without owner will.</summary>
    Running = 0,

    /// <summary>An officer stopped it; it can be continued.</summary>
    Stopped = 1,

    /// <summary>All identities of its source have been gone through.</summary>
    Finished = 2,

    /// <summary>It failed for the reason in <see cref="Preparation.Fault"/>; it can be continued.</summary>
    Failed = 3,

    /// <summary>Nothing of it is stored any more.</summary>
    Erased = 4,
}

/// <summary>
/// One batch of keys that are made before they are asked for: those of one generation of a domain for one key period. What it has
/// done is stored with the key sets it made, so whoever continues it begins where it was.
/// </summary>
public sealed record Preparation
{
    /// <summary>Its number in the store; 0 before it is there.</summary>
    public long Id { get; init; }

    /// <summary>The security domain.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The generation that will issue.</summary>
    public required int Generation { get; init; }

    /// <summary>The key period, by the schedule of the generation.</summary>
    public required long PeriodNumber { get; init; }

    /// <summary>Where its identities come from.</summary>
    public required PreparationSource Source { get; init; }

    /// <summary>Whose issuances the source is: generation and key period. 0 for a list.</summary>
    public int SourceGeneration { get; init; }

    /// <inheritdoc cref="SourceGeneration"/>
    public long SourcePeriod { get; init; }

    /// <summary>What has become of it.</summary>
    public required PreparationState State { get; init; }

    /// <summary>Identities of its source, as counted when it was begun or continued.</summary>
    public long Total { get; init; }

    /// <summary>Identities gone through.</summary>
    public long Done { get; init; }

    /// <summary>Those of them that were left out: of another domain, barred, or without an UID.</summary>
    public long LeftOut { get; init; }

    /// <summary>How far the source has been gone through.</summary>
    public long Cursor { get; init; }

    /// <summary>When it was begun, in whole milliseconds.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When something of it was last written.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the present run began; rate and end are reckoned from here.</summary>
    public required DateTimeOffset RunSince { get; init; }

    /// <summary><see cref="Done"/> when the present run began.</summary>
    public long RunFrom { get; init; }

    /// <summary>Which node works on it; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when nobody else may take it over.</summary>
    public DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Tells the sealing key: a node that has another leaves the key sets alone.</summary>
    public required string SealerId { get; init; }

    /// <summary>Why it failed, as number of a <see cref="KmsError"/>; 0 unless it did.</summary>
    public int Fault { get; init; }

    /// <summary>Who ordered the present run.</summary>
    public required Authority OrderedBy { get; init; }

    /// <summary>Ties its audit records together.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Identities a second in the present run; null before the first batch is written.</summary>
    public double? Rate => Done > RunFrom && UpdatedAt > RunSince
        ? (Done - RunFrom) / (UpdatedAt - RunSince).TotalSeconds
        : null;

    /// <summary>When it will be done if it goes on like this; null if that is not known, or it does not run.</summary>
    public DateTimeOffset? EstimatedEnd => State == PreparationState.Running && Rate is { } rate
        ? UpdatedAt.AddSeconds(Math.Min(Math.Max(0, Total - Done) / rate, TimeSpan.FromDays(3650).TotalSeconds))
        : null;
}

/// <summary>How a node prepares.</summary>
/// <param name="ProcessorShare">The share of the processors that it may take, above 0 and up to 1.</param>
/// <param name="BatchSize">Identities of one batch: of one intent, one outcome and one transaction.</param>
public sealed record PreparationSettings(double ProcessorShare = 0.5, int BatchSize = 2048);
