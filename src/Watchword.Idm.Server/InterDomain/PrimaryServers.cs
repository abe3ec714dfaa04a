using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>A primary IdM server as it was configured, with its keys.</summary>
internal sealed record PrimaryServer(PrimaryServerOptions Options, PrimaryKeys Keys);

/// <summary>The primary IdM servers by issuer.</summary>
internal sealed class PrimaryServers : IDisposable
{
    private readonly FrozenDictionary<string, PrimaryServer> byIssuer;

    public PrimaryServers(IOptions<IdmOptions> options, TimeProvider time, ILogger<PrimaryServers> logger) =>
        byIssuer = options.Value.PrimaryServers.ToFrozenDictionary(
            primary => primary.Issuer,
            primary => new PrimaryServer(primary, new PrimaryKeys(primary, time, logger)),
            StringComparer.Ordinal);

    /// <summary>Every one, by issuer.</summary>
    public IEnumerable<string> Issuers => byIssuer.Keys.Order(StringComparer.Ordinal);

    /// <summary>The one with this issuer, or null.</summary>
    public PrimaryServer? Find(string? issuer) => issuer is null ? null : byIssuer.GetValueOrDefault(issuer);

    public void Dispose()
    {
        foreach (PrimaryServer primary in byIssuer.Values)
        {
            primary.Keys.Dispose();
        }
    }
}
