namespace Watchword.Client;

/// <summary>
/// When a service key is used (TS 33.180 5.2.4, 5.7): one key of a scope sends, the others receive until they expire or are
/// revoked.
/// </summary>
internal static class ServiceKeyRules
{
    /// <summary>How many keys that have been superseded are kept for each scope.</summary>
    public const int MaxSuperseded = 8;

    /// <summary>
    /// The key to send under: the one activated last. A key whose place another has taken never sends again, even where that
    /// other one is revoked or has expired: whoever was left out of the newer key still has the older one.
    /// </summary>
    /// <remarks>Messages say it in seconds (TS 33.180 E.6); where they say nothing, it is T, which has fractions. T decides between equals.</remarks>
    public static StoredServiceKey? Sending(IEnumerable<StoredServiceKey> scope, DateTimeOffset now)
    {
        StoredServiceKey? last = scope.Where(k => HasBegun(k.Info, now)).MaxBy(
            k => (k.Info.Activation.ToUnixTimeSeconds(), k.Info.MessageTime));
        return last is { HasKey: true } && (last.Info.Expiry is null || now < last.Info.Expiry) ? last : null;
    }

    public static bool Receives(StoredServiceKey key, DateTimeOffset now, TimeSpan tolerance) =>
        key.HasKey && now + tolerance >= key.Info.Activation && !HasEnded(key.Info, now, tolerance);

    public static bool HasEnded(ServiceKeyInfo key, DateTimeOffset now, TimeSpan tolerance) =>
        key.IsRevoked || (key.Expiry is { } expiry && now - tolerance >= expiry);

    /// <summary>
    /// The keys after what has ended lost its octets, at most so many of either kind. What ended is remembered while an older key
    /// of its scope is there, so that that one does not come back, and what was revoked as long as there is room.
    /// </summary>
    public static List<StoredServiceKey> Trim(
        IReadOnlyList<StoredServiceKey> keys, DateTimeOffset now, TimeSpan tolerance, int maximum, List<StoredServiceKey> dropped)
    {
        List<StoredServiceKey> wiped = [];
        foreach (StoredServiceKey key in keys)
        {
            bool ends = key.HasKey && (HasEnded(key.Info, now, tolerance) || IsFarSuperseded(key, keys, now));
            wiped.Add(ends ? StoredServiceKey.WithoutKey(key.Info) : key);
            if (ends)
            {
                dropped.Add(key);
            }
        }

        List<StoredServiceKey> forgotten = [.. wiped.Where(k => !k.HasKey && !k.Info.IsRevoked && !HidesOlder(k, wiped))];
        forgotten.AddRange(wiped.Where(k => !k.HasKey).Except(forgotten)
            .OrderByDescending(k => k.Info.RevokedAt ?? k.Info.MessageTime).Skip(maximum));
        return [.. wiped.Except(forgotten)];
    }

    // A key that was revoked before it began never took the place of another.
    private static bool HasBegun(ServiceKeyInfo key, DateTimeOffset now) =>
        key.Activation <= now && (key.RevokedAt is null || key.RevokedAt >= key.Activation);

    private static bool IsFarSuperseded(StoredServiceKey key, IReadOnlyList<StoredServiceKey> keys, DateTimeOffset now) =>
        keys.Count(k => k.Info.Activation > key.Info.Activation && HasBegun(k.Info, now) && ShareScope(k.Info, key.Info))
            > MaxSuperseded;

    private static bool HidesOlder(StoredServiceKey key, List<StoredServiceKey> keys) =>
        keys.Exists(k => k.HasKey && k.Info.Activation <= key.Info.Activation && ShareScope(k.Info, key.Info));

    private static bool ShareScope(ServiceKeyInfo one, ServiceKeyInfo other) =>
        one.Purpose == other.Purpose
        && string.Equals(one.OwnerUri, other.OwnerUri, StringComparison.Ordinal)
        && (one.GroupIds.Count > 0
            ? one.GroupIds.Intersect(other.GroupIds, StringComparer.Ordinal).Any()
            : other.GroupIds.Count == 0 && string.Equals(one.PeerUri, other.PeerUri, StringComparison.Ordinal));
}
