using Watchword.Identity;

namespace Watchword.Client;

/// <summary>Who is logged in: the claims of a validated ID token, or the configured URI of a network entity (TS 33.180 B.2.1).</summary>
public sealed class ClientIdentity
{
    private readonly Dictionary<McService, string> _serviceIds;

    /// <summary>Makes an identity of a user.</summary>
    /// <param name="issuer">The IdM server that vouches for it.</param>
    /// <param name="subject">Its <c>sub</c>.</param>
    /// <param name="clientId">The OAuth client that the token was issued to.</param>
    /// <param name="serviceIds">The MC service IDs, octet for octet as the token has them.</param>
    /// <param name="entityUri">The URI of a network entity; null for users.</param>
    public ClientIdentity(
        string issuer, string subject, string clientId, IReadOnlyDictionary<McService, string> serviceIds, string? entityUri = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        Issuer = issuer;
        Subject = subject;
        ClientId = clientId;
        EntityUri = entityUri;
        _serviceIds = new Dictionary<McService, string>(serviceIds);
        Uris = [.. AnnexB.Services.Where(_serviceIds.ContainsKey).Select(s => _serviceIds[s])
            .Concat(entityUri is null ? [] : [entityUri]).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The IdM server that vouches for this identity.</summary>
    public string Issuer { get; }

    /// <summary>The <c>sub</c> of the user; for a network entity its client id.</summary>
    public string Subject { get; }

    /// <summary>The OAuth client that the token was issued to.</summary>
    public string ClientId { get; }

    /// <summary>The URI of a network entity; null for users.</summary>
    public string? EntityUri { get; }

    /// <summary>The MC service IDs by service.</summary>
    public IReadOnlyDictionary<McService, string> ServiceIds => _serviceIds;

    /// <summary>Every URI that may be keyed, each once: MCPTT, MCVideo, MCData, entity.</summary>
    public IReadOnlyList<string> Uris { get; }

    /// <summary>True if <paramref name="uri"/> is one of <see cref="Uris"/>, compared octet by octet.</summary>
    public bool Owns(string uri) => Uris.Contains(uri, StringComparer.Ordinal);

    /// <summary>The MC service ID for <paramref name="service"/>; the entity's URI for an entity; null where there is none.</summary>
    public string? For(McService service) => _serviceIds.GetValueOrDefault(service) ?? EntityUri;

    /// <summary>True if the two are the same account at the same IdM server; the MC service IDs may have changed meanwhile.</summary>
    public bool IsSameAccount(ClientIdentity other) =>
        string.Equals(Issuer, other.Issuer, StringComparison.Ordinal)
        && string.Equals(Subject, other.Subject, StringComparison.Ordinal)
        && string.Equals(ClientId, other.ClientId, StringComparison.Ordinal)
        && string.Equals(EntityUri, other.EntityUri, StringComparison.Ordinal);
}
