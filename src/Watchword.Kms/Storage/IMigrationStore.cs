using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>That a domain may key an identity of another one for a time.</summary>
public sealed record MigrationGrant
{
    /// <summary>Number of the grant in the store; 0 before it is there.</summary>
    public long Id { get; init; }

    /// <summary>KMS URI of the domain that keys.</summary>
    public required string Domain { get; init; }

    /// <summary>The identity, octet by octet.</summary>
    public required string UserUri { get; init; }

    /// <summary>Who must vouch for the requester.</summary>
    public required string Issuer { get; init; }

    /// <summary>The requester as the issuer names him; null for whoever the issuer gives the identity to.</summary>
    public string? Subject { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Until when, this time excluded.</summary>
    public required DateTimeOffset ValidTo { get; init; }

    /// <summary>Who granted it.</summary>
    public required Authority GrantedBy { get; init; }

    /// <summary>When it was granted, in whole milliseconds.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>When it was taken back; null while it stands.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>The grants by which domains key identities of others.</summary>
public interface IMigrationStore
{
    /// <summary>Records a grant.</summary>
    /// <returns>Its number.</returns>
    Task<long> AddGrantAsync(MigrationGrant grant, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Takes a grant back.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.GrantUnknown"/> if there is none that stands.</exception>
    Task RevokeGrantAsync(
        string domain, long id, DateTimeOffset at, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>The grants of a domain, in the order they were given.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="userUri">Only of this identity; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<MigrationGrant>> FindGrantsAsync(
        string domain, string? userUri, CancellationToken cancellationToken = default);
}
