namespace Watchword.KeyManagement.Administration;

/// <summary>A security domain.</summary>
public sealed class DomainView
{
    /// <summary>The KMS URI.</summary>
    public required string KmsUri { get; init; }

    /// <summary>True if this node serves it.</summary>
    public required bool IsServed { get; init; }

    /// <summary>All its generations, by number.</summary>
    public required IReadOnlyList<GenerationView> Generations { get; init; }
}

/// <summary>A generation of a security domain: one KMS certificate.</summary>
public sealed class GenerationView
{
    /// <summary>Its number.</summary>
    public required int Generation { get; init; }

    /// <summary>Number of the generation whose master secrets it uses.</summary>
    public required int SecretsGeneration { get; init; }

    /// <summary><c>prepared</c>, <c>active</c>, <c>tainted</c> or <c>revoked</c>.</summary>
    public required string State { get; init; }

    /// <summary>Names the KMS certificate.</summary>
    public string? CertUri { get; init; }

    /// <summary>Length of a key period in seconds.</summary>
    public required long PeriodSeconds { get; init; }

    /// <summary>Offset of the key periods in seconds.</summary>
    public required long OffsetSeconds { get; init; }

    /// <summary>From when the KMS certificate is valid; absent for always.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when; absent for ever.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it came into its state.</summary>
    public required DateTimeOffset StateChangedAt { get; init; }

    /// <summary>Fingerprint of the KMS certificate, hexadecimal digits in groups.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Why this node cannot issue from it, as number of a KmsError; absent if it can.</summary>
    public int? Fault { get; init; }

    /// <summary>Whom an act on it concerns; in the answer about one generation.</summary>
    public GenerationReachView? Reach { get; init; }
}

/// <summary>Whom an act on a generation concerns.</summary>
public sealed class GenerationReachView
{
    /// <summary>Identities that have keys of it for the current or a later period.</summary>
    public required long KeyedIdentities { get; init; }

    /// <summary>Requesters who were keyed lately.</summary>
    public required long Requesters { get; init; }

    /// <summary>Those of them of whom every client holds its KMS certificate.</summary>
    public required long RequestersHolding { get; init; }
}

/// <summary>What another generation is to be like; what is absent stays as in the newest one.</summary>
public sealed class PrepareGenerationRequest
{
    /// <summary>True for new master secrets; false for another schedule over the ones there are.</summary>
    public required bool NewSecrets { get; init; }

    /// <summary>Another length of the key periods, in seconds.</summary>
    public long? PeriodSeconds { get; init; }

    /// <summary>Another offset of the key periods, in seconds.</summary>
    public long? OffsetSeconds { get; init; }

    /// <summary>Names the new KMS certificate.</summary>
    public string? CertUri { get; init; }

    /// <summary>The domains served.</summary>
    public IReadOnlyList<string>? Domains { get; init; }
}

/// <summary>When a prepared generation takes over.</summary>
public sealed class ActivateGenerationRequest
{
    /// <summary>The end of a key period; a time that is not later than now for at once; absent for the next end that leaves everybody
    /// his window.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>Why something ends.</summary>
public sealed class ReasonRequest
{
    /// <summary>In words of the officer, for the audit log.</summary>
    public required string Reason { get; init; }
}

/// <summary>What an act on a generation did, or would do.</summary>
public sealed class GenerationActResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The domain.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The generation after the act.</summary>
    public required GenerationView Generation { get; init; }

    /// <summary>Whom it concerns, measured before the act; absent for a generation that did not exist before.</summary>
    public GenerationReachView? Reach { get; init; }
}
