namespace Watchword.KeyManagement.Administration;

/// <summary>A KM client that has transport keys. Of its keys the ids only.</summary>
public sealed class TransportKeyClientView
{
    /// <summary>The identity that it was enrolled for.</summary>
    public required string UserUri { get; init; }

    /// <summary>Which client of that identity.</summary>
    public required string ClientId { get; init; }

    /// <summary><c>enrolled</c>, <c>revoked</c> or <c>released</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it came into that state.</summary>
    public required DateTimeOffset StateChangedAt { get; init; }

    /// <summary>When a request of it was last taken; absent for never.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>True while its first keys can be exported.</summary>
    public required bool IsExportable { get; init; }

    /// <summary>How keys are wrapped for it; absent for the way of the domain.</summary>
    public string? WrapProfile { get; init; }

    /// <summary>Its keys.</summary>
    public required IReadOnlyList<TransportKeyPairView> Keys { get; init; }
}

/// <summary>A pair of keys, by its ids.</summary>
public sealed class TransportKeyPairView
{
    /// <summary>Id of the transport key.</summary>
    public required string TransportKeyId { get; init; }

    /// <summary>Id of the integrity key; absent if the transport key signs, too.</summary>
    public string? IntegrityKeyId { get; init; }

    /// <summary><c>current</c>, <c>pending</c> or <c>replaced</c>.</summary>
    public required string State { get; init; }

    /// <summary>The words of the pair, to compare with the client.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A page of clients.</summary>
public sealed class TransportKeyClientPage
{
    /// <summary>The clients, by identity and client id.</summary>
    public required IReadOnlyList<TransportKeyClientView> Clients { get; init; }

    /// <summary>True if there are more behind the last.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>Which clients are listed.</summary>
public sealed class ListClientsRequest
{
    /// <summary>Only of this identity.</summary>
    public string? UserUri { get; init; }

    /// <summary>Behind the client of this identity, with <see cref="AfterClientId"/>.</summary>
    public string? AfterUserUri { get; init; }

    /// <summary>Behind this client.</summary>
    public string? AfterClientId { get; init; }

    /// <summary>At most so many, 1 to 500.</summary>
    public int? Count { get; init; }
}

/// <summary>Which client.</summary>
public sealed class ClientRequest
{
    /// <summary>The identity.</summary>
    public required string UserUri { get; init; }

    /// <summary>The client of that identity.</summary>
    public required string ClientId { get; init; }

    /// <summary>Why, where something ends.</summary>
    public string? Reason { get; init; }
}

/// <summary>A client to be enrolled.</summary>
public sealed class EnrolClientRequest
{
    /// <summary>The identity.</summary>
    public required string UserUri { get; init; }

    /// <summary>The client of that identity.</summary>
    public required string ClientId { get; init; }

    /// <summary>How keys are wrapped for it: <c>kwStrip04</c>, <c>kwp</c> or <c>kwpAsKw</c>; absent for the way of the domain.</summary>
    public string? WrapProfile { get; init; }

    /// <summary>True to give new keys to a client that has some.</summary>
    public bool Replace { get; init; }
}

/// <summary>Whose keys are replaced.</summary>
public sealed class RotateClientsRequest
{
    /// <summary>Only of clients whose keys are older than this.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }
}

/// <summary>What an act on a client did, or would do.</summary>
public sealed class ClientActResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>How many clients it concerns.</summary>
    public required long AffectedClients { get; init; }

    /// <summary>The client after the act.</summary>
    public required TransportKeyClientView Client { get; init; }
}

/// <summary>What a rotation of many clients did, or would do.</summary>
public sealed class RotateClientsResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Clients whose keys are replaced.</summary>
    public required long AffectedClients { get; init; }

    /// <summary>Clients that have new keys on their way already.</summary>
    public required long WaitingClients { get; init; }
}
