using Watchword.Identity;

namespace Watchword.Client;

/// <summary>Whom a client subscribes to documents at, and as whom.</summary>
public sealed record DocumentSubscriptionOptions
{
    /// <summary>The service whose token and MC service ID the subscription is for.</summary>
    public required McService Service { get; init; }

    /// <summary>
    /// <see cref="McResource.ConfigurationManagement"/> or <see cref="McResource.GroupManagement"/>: which token is sent.
    /// </summary>
    public required McResource Resource { get; init; }

    /// <summary>The PSI that SUBSCRIBE goes to: for groups <c>GMS-URI</c> of the initial configuration (TS 24.481 6.3.13.2).</summary>
    public required string ServerUri { get; init; }

    /// <summary>The public user identity in the SIP core (IMPU).</summary>
    public required string PublicUserIdentity { get; init; }

    /// <summary>Where NOTIFY is received, a sip URI.</summary>
    public required string Contact { get; init; }

    /// <summary>How long the subscription is to last, in seconds; an hour unless set.</summary>
    public uint ExpiresSeconds { get; init; } = 3600;
}
