namespace Watchword.Client;

/// <summary>What an MCX server said to a request for service authorisation. The numbers are stable.</summary>
public enum ServiceAuthorizationOutcome
{
    /// <summary>200: the client is authorised, or logged off.</summary>
    Done = 0,

    /// <summary>403, warning 101: the token does not open the service.</summary>
    Refused = 1,

    /// <summary>403, warning 139 or 140: what was signed or encrypted does not fit the server's keys.</summary>
    ProtectionRefused = 2,

    /// <summary>404, warning 141: there is no authorisation, so the client has to ask anew.</summary>
    UserUnknown = 3,

    /// <summary>486, warning 164: as many clients of this user are authorised as may be.</summary>
    TooManyClients = 4,

    /// <summary>412: another publication took the place of this one.</summary>
    Superseded = 5,

    /// <summary>488: the server is keyed by another KMS; its KMS redirect responses are in the answer (TS 33.180 5.2.8).</summary>
    OtherSecurityDomain = 6,

    /// <summary>500 or 503, with the time to wait: neither granted nor refused.</summary>
    TryLater = 7,

    /// <summary>Anything else.</summary>
    Failed = 8,
}

/// <summary>The answer of an MCX server.</summary>
/// <param name="Outcome">What it means.</param>
/// <param name="StatusCode">The SIP status.</param>
public sealed record ServiceAuthorizationResult(ServiceAuthorizationOutcome Outcome, int StatusCode)
{
    /// <summary>The MC code in the warning, such as 101 (TS 24.379 4.4); null if there is none.</summary>
    public int? WarningCode { get; init; }

    /// <summary>How long to wait before the next attempt; null where the server does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long the publication lasts; null where the server does not say.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Whether the user has another client that is authorised (<c>multiple-devices-ind</c>).</summary>
    public bool HasOtherDevices { get; init; }

    /// <summary>The bodies that redirect to another KMS; empty unless <see cref="ServiceAuthorizationOutcome.OtherSecurityDomain"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> RedirectResponses { get; init; } = [];

    /// <summary>
    /// The same redirect responses, judged, in their order; empty where the client has no certificate of its own KMS. Where one is
    /// trusted and not followed, its KMS is not known: hand it to the home KMS
    /// (<see cref="KmClient.UploadRedirectResponsesAsync"/>), and ask again.
    /// </summary>
    public IReadOnlyList<ServiceRedirect> Redirects { get; init; } = [];
}
