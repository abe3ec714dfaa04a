namespace Watchword.Kms;

/// <summary>What was done to a partner. The numbers are those of the store and never change.</summary>
public enum PartnerActKind
{
    /// <summary>A certificate was imported; it waits for approval.</summary>
    Imported = 0,

    /// <summary>The fingerprint was confirmed: clients get the certificate.</summary>
    Approved = 1,

    /// <summary>An approved certificate takes its place.</summary>
    Replaced = 2,

    /// <summary>Nobody may use it any more.</summary>
    Revoked = 3,

    /// <summary>Withdrawn before it was approved.</summary>
    Rejected = 4,

    /// <summary>A domain of this installation became a partner of another.</summary>
    Linked = 5,
}

/// <summary>One act on a partner, as its history keeps it.</summary>
/// <param name="PartnerId">The record acted upon; 0 in an act that makes it.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Time">When, in whole milliseconds.</param>
/// <param name="By">Who ordered it.</param>
/// <param name="Reason">Why, in words of his, or null.</param>
public sealed record PartnerAct(long PartnerId, PartnerActKind Kind, DateTimeOffset Time, Authority By, string? Reason = null)
{
    /// <summary>The cache number of the domain after the act; 0 until the store has set it.</summary>
    public long CacheNumber { get; init; }
}

/// <summary>A change of state of one partner record, made only if it still is in <paramref name="From"/>.</summary>
/// <param name="Id">The record.</param>
/// <param name="From">The state that it must be in.</param>
/// <param name="To">The state that it gets.</param>
/// <param name="EndsAt">The end of its use from now on; null leaves it as it is.</param>
public sealed record PartnerChange(long Id, PartnerState From, PartnerState To, DateTimeOffset? EndsAt = null);

/// <summary>
/// The version of a domain's list of partner certificates. The list is a function of the store and of <paramref name="AsOf"/>, so
/// that every node gives the same list under the same number.
/// </summary>
/// <param name="Number">The number; it never decreases.</param>
/// <param name="AsOf">The time that the list is made for.</param>
/// <param name="NextChange">When time alone will change the list next, a certificate becoming valid or ending; null for
/// never.</param>
public sealed record PartnerCacheVersion(long Number, DateTimeOffset AsOf, DateTimeOffset? NextChange)
{
    /// <summary>The version of a domain that never had a partner.</summary>
    public static PartnerCacheVersion Empty { get; } = new(0, DateTimeOffset.UnixEpoch, null);
}
