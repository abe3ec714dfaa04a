using System.Numerics;

namespace Watchword.Cryptography;

/// <summary>
/// How much memory the tables may take that make the operations fast. To be set before the first operation; results never depend
/// on it.
/// </summary>
public static class Precomputation
{
    /// <summary>More than the tables of P, of its short multiples, of g and of G take, whatever the settings.</summary>
    private const long FixedBasesInBytes = 2L << 20;

    private static readonly Lazy<BoundedCache<object>> Cache = new(() => new BoundedCache<object>(capacityInBytes / 2));

    private static long capacityInBytes = 64L << 20;
    private static int baseTableSizeInBytes = 640 << 10;
    private static int usesBeforeTable = 3;

    /// <summary>
    /// Octets that all tables together may take: 64 MiB by default. Half of it serves public tables (KMS public keys, recipients,
    /// signers), of which the least recently used give way; the other half, less 2 MiB for the fixed bases, the tables of receiver
    /// keys, which are secret and belong to their key. A key that finds no room works without a table.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 4 MiB: a KMS public key and the fixed bases need that.</exception>
    public static long CapacityInBytes
    {
        get => capacityInBytes;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 4L << 20);
            capacityInBytes = value;
        }
    }

    /// <summary>
    /// Octets that the table of one fixed base (P, Z_T) may take: 640 KiB by default. A smaller one is made sooner, 6 ms instead
    /// of 12, and multiplies more slowly, by up to a third.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public static int BaseTableSizeInBytes
    {
        get => baseTableSizeInBytes;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            baseTableSizeInBytes = value;
        }
    }

    /// <summary>
    /// At which use of a recipient or a signer it gets a table of its own: the third by default. A table costs what some tens of
    /// uses save.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public static int UsesBeforeTable
    {
        get => usesBeforeTable;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            usesBeforeTable = value;
        }
    }

    /// <summary>Octets for the tables of receiver keys.</summary>
    internal static long ReceiverRoomInBytes => (capacityInBytes / 2) - FixedBasesInBytes;

    /// <summary>Every public table but those of P, g and G. Made with the capacity that holds when it is first used.</summary>
    internal static BoundedCache<object> PublicTables => Cache.Value;

    /// <summary>
    /// Counts a use of what has no table; true if this is a use at which it gets one: the one that the settings say, and if the
    /// table had to give way, after twice as many, and so on. So what finds no room costs little.
    /// </summary>
    internal static bool CountUse(in CacheKey key)
    {
        (int rounds, int rest) = Math.DivRem(PublicTables.Touch(key), UsesBeforeTable);
        return rest == 0 && BitOperations.IsPow2(rounds);
    }
}
