namespace Watchword.Kms;

/// <summary>An identity that a requester may have keyed.</summary>
/// <param name="Uri">The MC service ID or entity URI, octet by octet as it enters the UID.</param>
/// <param name="Service">Under which services or role it was asserted, for the audit log, for example <c>mcptt
/// mcvideo</c>.</param>
public sealed record RequesterIdentity(string Uri, string Service);

/// <summary>
/// Who asks: what the host made of an authenticated principal. The KMS knows nothing of tokens and claims; it keys what stands
/// here and nothing else.
/// </summary>
public sealed class Requester
{
    /// <summary>How the name of an issuer begins that is a trusted peer, which asserts identities without a token.</summary>
    public const string AssertedIssuerPrefix = "asserted:";

    /// <summary>True if identities come from a trusted peer's assertion and not from a token.</summary>
    public static bool IsAssertedIssuer(string issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return issuer.StartsWith(AssertedIssuerPrefix, StringComparison.Ordinal);
    }

    /// <summary>Makes a requester.</summary>
    /// <param name="issuer">Who vouches for him.</param>
    /// <param name="subject">His name with that issuer.</param>
    /// <param name="identities">What may be keyed for him, each URI once, in the order of the answer.</param>
    /// <exception cref="ArgumentException">No identity, or one of them twice.</exception>
    public Requester(string issuer, string subject, IReadOnlyList<RequesterIdentity> identities)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentNullException.ThrowIfNull(identities);
        if (identities.Count == 0
            || identities.DistinctBy(identity => identity.Uri, StringComparer.Ordinal).Count() != identities.Count)
        {
            throw new ArgumentException("A requester has at least one identity, and each of them once.", nameof(identities));
        }

        Issuer = issuer;
        Subject = subject;
        Identities = [.. identities];
    }

    /// <summary>Who vouches for him.</summary>
    public string Issuer { get; }

    /// <summary>His name with that issuer.</summary>
    public string Subject { get; }

    /// <summary>What may be keyed for him.</summary>
    public IReadOnlyList<RequesterIdentity> Identities { get; }

    /// <summary>The type name: identities stay out of logs.</summary>
    public override string ToString() => nameof(Requester);
}

/// <summary>What is asked for.</summary>
/// <param name="Requester">Who asks.</param>
/// <param name="UserUri">One of his identities; null for all of them.</param>
/// <param name="Time">A time within the key period wanted; null for the current one.</param>
/// <param name="CorrelationId">Ties audit, log and answer together.</param>
public sealed record IssuanceRequest(Requester Requester, string? UserUri, DateTimeOffset? Time, string CorrelationId)
{
    /// <summary>What must hold when the issuance is recorded.</summary>
    public IssuanceConditions Conditions { get; init; } = new();

    /// <summary>The transport keys of the exchange, which open what was prepared under them; null if the client has none.</summary>
    public TransportKeyExchange? Exchange { get; init; }
}
