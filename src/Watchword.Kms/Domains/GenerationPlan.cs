using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>What another generation of a domain is to be like. What is null stays as it is in the newest one.</summary>
public sealed record GenerationPlan
{
    /// <summary>True for new master secrets; false for a new KMS certificate over the secrets of the newest generation, which
    /// makes sense only with another schedule.</summary>
    public required bool NewSecrets { get; init; }

    /// <summary>Another length or offset of the key periods; null to leave them.</summary>
    public KeyPeriodSchedule? Schedule { get; init; }

    /// <summary>Names the new KMS certificate; null to leave the name.</summary>
    public string? CertUri { get; init; }

    /// <summary>The domains served; null to leave them.</summary>
    public IReadOnlyList<string>? Domains { get; init; }
}

/// <summary>Whom an act on a generation concerns, shown before it.</summary>
/// <param name="State">Its state now.</param>
/// <param name="KeyedIdentities">Identities that have keys of it for the current or a later period.</param>
/// <param name="Share">How many requesters keyed lately hold its KMS certificate or a later one.</param>
public sealed record GenerationReach(GenerationState State, long KeyedIdentities, GenerationShare Share);
