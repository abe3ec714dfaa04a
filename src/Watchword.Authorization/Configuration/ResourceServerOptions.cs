using Watchword.Authorization.Configuration;

namespace Watchword.Authorization;

/// <summary>What a resource server believes: the configuration section <c>Authorization</c> as the operator wrote it.</summary>
public sealed class ResourceServerOptions
{
    /// <summary>Name of this server in <c>aud</c>, compared octet by octet (RFC 7519 §4.1.3).</summary>
    public string Audience { get; set; } = string.Empty;

    /// <summary>The IdM servers whose access tokens are accepted; at least one.</summary>
    public List<TrustedIssuerOptions> Issuers { get; set; } = [];

    /// <summary>Tolerance for clocks that differ, 0 to 30 seconds, applied to <c>exp</c>, <c>nbf</c> and <c>iat</c>.</summary>
    public TimeSpan Leeway { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which a key set is fetched again, so that withdrawn keys stop counting; 1 second to 1 day.</summary>
    public TimeSpan KeyRefreshInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Age at which a key set that cannot be fetched again is no longer believed; not below the refresh
    /// interval.</summary>
    public TimeSpan KeyMaximumAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Least time between two fetches that an unknown <c>kid</c> provokes, per issuer; 1 second to 1 hour.</summary>
    public TimeSpan UnknownKeyRefetchInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time after a failed fetch in which no other is tried and requests are answered 503; 1 second to 1 hour.</summary>
    public TimeSpan FetchRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time limit of one request for keys; 1 second to 1 minute.</summary>
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Everything that is wrong with these options, one line each, the option's name first; empty if nothing
    /// is.</summary>
    public IEnumerable<string> FindFaults() => new ResourceServerOptionsValidator().Validate(name: null, this).Failures ?? [];
}
