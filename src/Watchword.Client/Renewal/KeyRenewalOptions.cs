namespace Watchword.Client;

/// <summary>How key sets are renewed in the background.</summary>
public sealed record KeyRenewalOptions
{
    /// <summary>The defaults.</summary>
    public static KeyRenewalOptions Default { get; } = new();

    /// <summary>
    /// The last part of a key period in which the next key set is fetched where the KMS gives no hint, over 0 up to 1; a quarter
    /// unless set,
    /// which is when a Watchword KMS opens the next period unless it is told otherwise.
    /// </summary>
    public double OpeningWindowFraction { get; init; } = 0.25;

    /// <summary>
    /// The first part of that window in which the moment is drawn; the rest is for repetitions. Four fifths unless set.
    /// </summary>
    public double SpreadFraction { get; init; } = 0.8;

    /// <summary>
    /// How often KMS certificate and certificate cache are asked for, give or take a quarter; a day unless set, half a key period
    /// at most.
    /// </summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>False to leave the certificates of partner domains alone.</summary>
    public bool RenewPartnerCertificates { get; init; } = true;

    /// <summary>First wait when the KMS is busy or cannot be reached; doubles each time; one minute unless set.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// First wait after a failure of the KMS or an answer that does not hold; doubles each time; five minutes unless set.
    /// </summary>
    public TimeSpan FirstFailureDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longest wait of the client's own; one hour unless set. A <c>Retry-After</c> of the KMS may be longer, up to a day.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Over how long identities that were refused ahead are asked for once more after their period began; five minutes unless
    /// set.
    /// </summary>
    public TimeSpan BoundarySpread { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long to sleep at most before the clock is looked at again: a clock that was set or a machine that slept is noticed;
    /// one minute unless set.
    /// </summary>
    public TimeSpan MaxSleep { get; init; } = TimeSpan.FromMinutes(1);
}
