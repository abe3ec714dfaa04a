namespace Watchword.Kms;

/// <summary>The rules of one security domain, as its operator configured them.</summary>
public sealed record DomainPolicy
{
    /// <summary>Which key periods may be asked for.</summary>
    public KeyPeriodPolicy KeyPeriods { get; init; } = new();

    /// <summary>Share of key sets that are validated as the client does it, 0 to 1; the first of a generation always
    /// is.</summary>
    public double FullCheckRate { get; init; } = 0.001;

    /// <summary>Whose requesters are keyed; empty for everybody whom the host authenticates.</summary>
    public IReadOnlySet<string> AcceptedIssuers { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The rules for transport and integrity keys.</summary>
    public TransportKeyPolicy TransportKeys { get; init; } = new();

    /// <summary>True if requesters of this issuer are keyed.</summary>
    public bool Accepts(string issuer) => AcceptedIssuers.Count == 0 || AcceptedIssuers.Contains(issuer);
}
