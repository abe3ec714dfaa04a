using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>What becomes of a client.</summary>
/// <param name="After">The client with all its pairs; others are erased.</param>
/// <param name="Entries">The audit records; none for what is no act, that it was seen.</param>
public sealed record TransportKeyStep(TransportKeyClient After, IReadOnlyList<AuditEntry> Entries);

/// <summary>The clients that have transport keys. The keys in it are sealed.</summary>
public interface ITransportKeyStore
{
    /// <summary>All clients, revoked and released ones included, of some identities.</summary>
    Task<IReadOnlyList<TransportKeyClient>> FindTransportKeyClientsAsync(
        string kmsUri, IReadOnlyCollection<string> userUris, CancellationToken cancellationToken = default);

    /// <summary>All clients of a domain behind one, by identity and client id.</summary>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="after">The last client that is not wanted; null for all.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<TransportKeyClient>> ReadTransportKeyClientsAsync(
        string kmsUri, (string UserUri, string ClientId)? after, int count, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes one client. The decision is made within the transaction, on all clients of the identity as they stand then; no
    /// other
    /// change of any node runs beside it.
    /// </summary>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="userUri">The identity.</param>
    /// <param name="decide">Gets all clients of the identity and says what to write, or null for nothing. It may be called again
    /// when the transaction is.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <exception cref="KmsException">As <see cref="IAuditStore.AppendAuditAsync"/>; and what <paramref name="decide"/>
    /// throws.</exception>
    Task ChangeTransportKeyClientAsync(
        string kmsUri, string userUri, Func<IReadOnlyList<TransportKeyClient>, TransportKeyStep?> decide,
        CancellationToken cancellationToken = default);
}
