using System.Diagnostics.CodeAnalysis;

namespace Watchword.Cryptography;

/// <summary>
/// Values made from public data, kept for reuse within a bound of octets: the least recently used gives way. Any number of
/// threads may use it; finding and counting allocate nothing.
/// </summary>
/// <remarks>
/// A value should be worth its octets, so uses of a key are counted before there is a value (<see cref="Touch"/>). The counts
/// live in a table of fixed size apart from the values: endless new keys overwrite each other's counts, and drive out no value.
/// </remarks>
internal sealed class BoundedCache<TValue>
    where TValue : class
{
    private const int CountSets = 512;
    private const int CountsPerSet = 4;

    private readonly Lock access = new();
    private readonly Dictionary<CacheKey, Entry> entries = [];
    private readonly Count[] counts = new Count[CountSets * CountsPerSet];
    private Entry? newest;
    private Entry? oldest;
    private long size;
    private long clock;

    /// <param name="capacityInBytes">Octets that all values together may take.</param>
    public BoundedCache(long capacityInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacityInBytes);
        CapacityInBytes = capacityInBytes;
    }

    /// <summary>Octets that all values together may take.</summary>
    public long CapacityInBytes { get; }

    /// <summary>Octets that the values take now.</summary>
    public long SizeInBytes
    {
        get
        {
            lock (access)
            {
                return size;
            }
        }
    }

    /// <summary>The value of the key, which becomes the most recently used.</summary>
    public bool TryGet(in CacheKey key, [NotNullWhen(true)] out TValue? value)
    {
        lock (access)
        {
            if (!entries.TryGetValue(key, out Entry? entry))
            {
                value = null;
                return false;
            }

            if (entry != newest)
            {
                Unlink(entry);
                LinkNewest(entry);
            }

            value = entry.Value;
            return true;
        }
    }

    /// <summary>Counts a use of a key that has no value yet, and says how many there were of late, this one included.</summary>
    public int Touch(in CacheKey key)
    {
        lock (access)
        {
            clock++;
            Span<Count> set = counts.AsSpan((int)((uint)key.GetHashCode() % CountSets) * CountsPerSet, CountsPerSet);
            int victim = 0;
            for (int i = 0; i < set.Length; i++)
            {
                if (set[i].Uses > 0 && set[i].Key.Equals(key))
                {
                    set[i].LastUse = clock;
                    return ++set[i].Uses;
                }

                victim = set[i].LastUse < set[victim].LastUse ? i : victim;
            }

            set[victim] = new Count { Key = key, Uses = 1, LastUse = clock };
            return 1;
        }
    }

    /// <summary>
    /// Keeps a value, unless it alone exceeds the capacity; as many of the least recently used leave as it needs room. Replaces
    /// another value of the key.
    /// </summary>
    public void Add(in CacheKey key, TValue value, long sizeInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizeInBytes);
        lock (access)
        {
            if (sizeInBytes > CapacityInBytes)
            {
                return;
            }

            if (entries.TryGetValue(key, out Entry? replaced))
            {
                Remove(replaced);
            }

            while (size > CapacityInBytes - sizeInBytes)
            {
                Remove(oldest!);
            }

            Entry entry = new(key, value, sizeInBytes);
            entries.Add(key, entry);
            LinkNewest(entry);
            size += sizeInBytes;
        }
    }

    private void Remove(Entry entry)
    {
        _ = entries.Remove(entry.Key);
        Unlink(entry);
        size -= entry.SizeInBytes;
    }

    private void LinkNewest(Entry entry)
    {
        entry.Older = newest;
        entry.Newer = null;
        if (newest is not null)
        {
            newest.Newer = entry;
        }

        newest = entry;
        oldest ??= entry;
    }

    private void Unlink(Entry entry)
    {
        if (entry.Newer is null)
        {
            newest = entry.Older;
        }
        else
        {
            entry.Newer.Older = entry.Older;
        }

        if (entry.Older is null)
        {
            oldest = entry.Newer;
        }
        else
        {
            entry.Older.Newer = entry.Newer;
        }
    }

    private struct Count
    {
        public CacheKey Key;
        public int Uses;
        public long LastUse;
    }

    private sealed class Entry(CacheKey key, TValue value, long sizeInBytes)
    {
        public CacheKey Key { get; } = key;

        public TValue Value { get; } = value;

        public long SizeInBytes { get; } = sizeInBytes;

        public Entry? Newer { get; set; }

        public Entry? Older { get; set; }
    }
}
