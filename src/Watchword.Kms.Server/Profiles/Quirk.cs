namespace Watchword.Kms.Server.Profiles;

/// <summary>
/// What deployed clients do otherwise, by the number of <c>docs/profiles.md</c>; those missing never reach a KMS. The numbers are
/// labels of a metric and stay.
/// </summary>
internal enum Quirk
{
    /// <summary>The request has no body.</summary>
    EmptyBody = 1,

    /// <summary>KmsUri is an alias, or the URL of the server.</summary>
    KmsUriAlias = 2,

    /// <summary>Time is local time without zone.</summary>
    LocalTime = 3,

    /// <summary>The answer has a media type other than its <c>Accept</c> asks for.</summary>
    MediaType = 4,

    /// <summary>The URI in the path is not escaped as one segment.</summary>
    PathForm = 5,

    /// <summary>The key sets stand in another order, or all but one are left out.</summary>
    KeySetOrder = 6,

    /// <summary>UserID is spelt otherwise than the domain spells it.</summary>
    UserIdEncoding = 8,

    /// <summary>Keys are wrapped otherwise than the domain wraps them.</summary>
    WrapProfile = 9,

    /// <summary>A missing token is answered with 401.</summary>
    MissingTokenStatus = 11,

    /// <summary>A resource of no release.</summary>
    UnknownResource = 16,

    /// <summary>More requests in a minute than the limit.</summary>
    RetryStorm = 17,

    /// <summary>The request has another namespace, or what the schema does not have.</summary>
    Namespace = 18,
}
