using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>What happened in renewal. The numbers are stable.</summary>
public enum KeyRenewalEventKind
{
    /// <summary>A key set was fetched, checked and stored.</summary>
    KeySetRenewed = 0,

    /// <summary>
    /// The KMS refused a key set: it is not asked for again before its period begins, or before the next log-in.
    /// </summary>
    Refused = 1,

    /// <summary>
    /// The KMS is busy, failed or cannot be reached; the next request is at <see cref="KeyRenewalEvent.RetryAt"/>.
    /// </summary>
    Postponed = 2,

    /// <summary>An answer did not hold; nothing of it was stored.</summary>
    Rejected = 3,

    /// <summary>Somebody has to log in before anything is renewed.</summary>
    LogInNeeded = 4,

    /// <summary>The home KMS has other keys than before.</summary>
    CertificateChanged = 5,

    /// <summary>The home KMS announced its next certificate.</summary>
    CertificateAnnounced = 6,

    /// <summary>A certificate of the home KMS was revoked: its key sets are not used any more.</summary>
    CertificateRevoked = 7,

    /// <summary>The certificates of partner domains changed.</summary>
    PartnerCertificatesChanged = 8,
}

/// <summary>One event of renewal, for the log of the host application. It never holds a secret.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When.</param>
public sealed record KeyRenewalEvent(KeyRenewalEventKind Kind, DateTimeOffset At)
{
    /// <summary>The key set stored, or null.</summary>
    public KeySetInfo? KeySet { get; init; }

    /// <summary>The identity concerned, or null.</summary>
    public string? UserUri { get; init; }

    /// <summary>The key period concerned, or null.</summary>
    public KeyPeriod? Period { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public WatchwordClientException? Fault { get; init; }

    /// <summary>When it is tried again, or null.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}

/// <summary>What one pass of renewal did.</summary>
/// <param name="Events">What happened, in order.</param>
/// <param name="NextAt">When there is something to do again; always later than the pass.</param>
public sealed record KeyRenewalPass(IReadOnlyList<KeyRenewalEvent> Events, DateTimeOffset NextAt);
