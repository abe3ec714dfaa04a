using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>Whose requests must be signed (TS 33.180 D.2.2). A signed request is verified under each of them.</summary>
public enum SignedRequests
{
    /// <summary>
    /// Who has an enrolled or a revoked client: else whoever has his token would leave the signature out, or name another client.
    /// </summary>
    RequiredForEnrolled = 0,

    /// <summary>Nobody's: clients that post nothing at all are told by their token alone. Key material for an enrolled client
    /// is wrapped all the
    /// same.</summary>
    Off = 1,

    /// <summary>Everybody's: who is not enrolled is not served.</summary>
    Required = 2,
}

/// <summary>The rules of a security domain for transport and integrity keys.</summary>
public sealed record TransportKeyPolicy
{
    /// <summary>Whose requests must be signed.</summary>
    public SignedRequests SignedRequests { get; init; }

    /// <summary>True if key material never leaves but wrapped: who is not enrolled gets none.</summary>
    public bool RequireWrapping { get; init; }

    /// <summary>How keys are wrapped for clients of whom nothing else is said.</summary>
    public KeyWrapProfile WrapProfile { get; init; }

    /// <summary>The age at which a pair of keys is replaced with the client's next request; null for never.</summary>
    public TimeSpan? RotateAfter { get; init; }

    /// <summary>
    /// How long a replaced pair still opens the way to the new one, for devices that share a client id; zero discards it as
    /// soon as the
    /// new one is seen.
    /// </summary>
    public TimeSpan KeepReplaced { get; init; }
}
