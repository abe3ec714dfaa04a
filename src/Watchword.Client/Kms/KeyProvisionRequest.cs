using Watchword.Identity;

namespace Watchword.Client;

/// <summary>Which key sets to ask for (TS 33.180 D.2.4).</summary>
public sealed record KeyProvisionRequest
{
    /// <summary>One identity; null for every identity that the token covers.</summary>
    public string? UserUri { get; init; }

    /// <summary>The key period by number; null for the current one. Not together with <see cref="Time"/>.</summary>
    public long? PeriodNumber { get; init; }

    /// <summary>The key period by a time in it; null for the current one.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Limits the access token to one service; null for all key management scopes granted.</summary>
    public McService? Service { get; init; }
}

/// <summary>What an initialisation gave.</summary>
/// <param name="Certificate">The KMS certificate, checked and stored.</param>
/// <param name="KeysChanged">True if the KMS had other keys before: key sets are to be fetched again; the old ones stay for old messages.</param>
public sealed record KmsInitialization(KeyManagement.KmsCertificate Certificate, bool KeysChanged)
{
    /// <summary>The KMSs of domains that the client may migrate to now (TS 33.180 5.3.1.2), as its home KMS says.</summary>
    public IReadOnlyList<KeyManagement.KmsReference> MigrationServices { get; init; } = [];
}
