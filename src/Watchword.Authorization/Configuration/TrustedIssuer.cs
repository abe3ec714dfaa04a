using System.Collections.Frozen;
using Watchword.Authorization.Events;
using Watchword.Authorization.Keys;

namespace Watchword.Authorization.Configuration;

/// <summary>A trusted issuer as the validated configuration gives it. Immutable but for its caches.</summary>
internal sealed class TrustedIssuer : IDisposable
{
    public TrustedIssuer(TrustedIssuerOptions options, IssuerKeys keys, IntrospectionClient? introspection)
    {
        Policy = options.SecurityEvents!.Policy;
        MaxSilence = options.SecurityEvents.MaxSilence;
        Introspection = introspection;
        Name = options.Issuer;
        Keys = keys;
        AcceptMissingAudience = options.AcceptMissingAudience;
        IdentityDomains = options.IdentityDomains.Select(domain => domain.ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal);
        EntityUris = options.EntityUris.ToFrozenSet(StringComparer.Ordinal);
        Algorithms = (options.Algorithms.Count > 0 ? options.Algorithms : [.. SignatureAlgorithms.All])
            .ToFrozenSet(StringComparer.Ordinal);
    }

    public string Name { get; }

    public IssuerKeys Keys { get; }

    public SilencePolicy Policy { get; }

    public TimeSpan MaxSilence { get; }

    public IntrospectionClient? Introspection { get; }

    public bool AcceptMissingAudience { get; }

    /// <summary>In lower case, as <c>McServiceId.DomainOf</c> gives them.</summary>
    public FrozenSet<string> IdentityDomains { get; }

    public FrozenSet<string> EntityUris { get; }

    public FrozenSet<string> Algorithms { get; }

    public void Dispose()
    {
        Keys.Dispose();
        Introspection?.Dispose();
    }
}
