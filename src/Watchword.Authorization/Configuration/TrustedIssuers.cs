using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Watchword.Authorization.Events;
using Watchword.Authorization.Keys;

namespace Watchword.Authorization.Configuration;

/// <summary>The trusted issuers by the exact value of <c>iss</c>, made from validated options.</summary>
internal sealed class TrustedIssuers : IDisposable
{
    private readonly FrozenDictionary<string, TrustedIssuer> _issuers;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Disposed with this object.")]
    public TrustedIssuers(
        IOptions<ResourceServerOptions> options,
        TimeProvider time,
        AuthorizationMetrics metrics,
        ILogger<TrustedIssuers> logger)
    {
        ResourceServerOptions value = options.Value;
        KeyCachePolicy policy = new(
            value.KeyRefreshInterval, value.KeyMaximumAge, value.UnknownKeyRefetchInterval, value.FetchRetryDelay);
        IssuerKeys CreateKeys(TrustedIssuerOptions issuer) => new(
            CreateSource(issuer, value.FetchTimeout, logger), policy, time, ok => metrics.KeysFetched(issuer.Issuer, ok));
        IntrospectionClient? CreateIntrospection(TrustedIssuerOptions issuer) =>
            issuer.SecurityEvents?.Introspection is { } introspection
            ? new IntrospectionClient(issuer, introspection, value, time, metrics, logger)
            : null;
        _issuers = value.Issuers
            .Select(issuer => new TrustedIssuer(issuer, CreateKeys(issuer), CreateIntrospection(issuer)))
            .ToFrozenDictionary(issuer => issuer.Name, StringComparer.Ordinal);
        EntityUris = _issuers.Values.SelectMany(issuer => issuer.EntityUris).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The listed network entities of all issuers: closed to users, whoever asserts them.</summary>
    public FrozenSet<string> EntityUris { get; }

    public bool TryGet(string name, [NotNullWhen(true)] out TrustedIssuer? issuer) => _issuers.TryGetValue(name, out issuer);

    public void Dispose()
    {
        foreach (TrustedIssuer issuer in _issuers.Values)
        {
            issuer.Dispose();
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The source owns the client.")]
    private static IKeySetSource CreateSource(TrustedIssuerOptions issuer, TimeSpan timeout, ILogger logger) =>
        string.IsNullOrEmpty(issuer.JwksFile)
            ? new HttpKeySetSource(
                Backchannel.Create(string.IsNullOrEmpty(issuer.CaFile) ? null : issuer.CaFile, timeout), issuer, logger)
            : new FileKeySetSource(issuer.JwksFile, issuer.Issuer, logger);
}
