namespace Watchword.McServices.Configuration;

/// <summary>
/// A group of a user (TS 24.484 8.3.2.1), and where it is at home if it is of another domain (TS 33.180 5.1.4).
/// </summary>
/// <param name="GroupUri">The group.</param>
/// <param name="DisplayName">Its name for people; null if it has none.</param>
public sealed record UserProfileGroup(string GroupUri, string? DisplayName = null)
{
    /// <summary>The group management server that hosts it; null for the one of the user's domain.</summary>
    public string? GmsUri { get; init; }

    /// <summary>The token endpoint of the IdM server of its domain; null if the user's own tokens do.</summary>
    public string? IdmsTokenEndpoint { get; init; }

    /// <summary>The KMS of its domain; null for that of the user's domain.</summary>
    public string? KmsUri { get; init; }

    /// <summary>
    /// The identifier of the partner's IdM server, which the token exchange names (TS 33.180 B.7.2 and C.2); null where the
    /// profile does not say. An extension of this project: the element of TS 24.484 is not known.
    /// </summary>
    public string? PartnerAudience { get; init; }
}

/// <summary>Whom a user may call privately (TS 24.484 8.3.2.1).</summary>
/// <param name="Uri">The user.</param>
/// <param name="DisplayName">The name for people; null if it has none.</param>
/// <param name="KmsUri">The KMS of that user's domain; null for that of the profile's.</param>
public sealed record UserProfileContact(string Uri, string? DisplayName = null, string? KmsUri = null);
