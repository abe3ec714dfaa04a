using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <content>
/// A cache outlives the process of a client that runs once per message. The saved form: version 1 (1), the newest T that was
/// forgotten (8, ticks), number of entries (4), and per entry message hash (32), initiator hash (32) and T (8, ticks). It holds
/// hashes only, no secret; who can write it can take entries out, so it belongs where the keys are.
/// </content>
public sealed partial class MikeyReplayCache
{
    private const byte SavedVersion = 1;
    private const int SavedHeadSize = 1 + sizeof(long) + sizeof(int);
    private const int SavedEntrySize = (2 * Entry.SizeInBytes) + sizeof(long);

    /// <summary>The entries as octets for <see cref="TryLoad"/>.</summary>
    public byte[] Save()
    {
        lock (_lock)
        {
            Expire(Now);
            byte[] saved = new byte[SavedHeadSize + (_entries.Count * SavedEntrySize)];
            OctetWriter writer = new(saved);
            writer.Octet(SavedVersion);
            writer.UInt64((ulong)_forgottenUpTo.UtcTicks);
            writer.UInt32((uint)_entries.Count);
            foreach ((Entry entry, DateTimeOffset time) in _byTime.UnorderedItems)
            {
                entry.Write(saved.AsSpan(writer.Offset));
                _entries[entry].Write(saved.AsSpan(writer.Offset + Entry.SizeInBytes));
                BinaryPrimitives.WriteInt64BigEndian(saved.AsSpan(writer.Offset + (2 * Entry.SizeInBytes)), time.UtcTicks);
                writer.Skip(SavedEntrySize);
            }

            return saved;
        }
    }

    /// <summary>Makes a cache with the entries that were saved; false if the octets are not exactly a saved cache.</summary>
    /// <param name="saved">What <see cref="Save"/> gave.</param>
    /// <param name="timeProvider">The clock against which T is judged.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="freshnessWindow">As in the constructor; it may differ from that of the saved cache.</param>
    /// <param name="capacity">As in the constructor; more entries than this are kept, and then nothing is added.</param>
    public static bool TryLoad(
        ReadOnlySpan<byte> saved,
        TimeProvider timeProvider,
        [NotNullWhen(true)] out MikeyReplayCache? cache,
        TimeSpan? freshnessWindow = null,
        int capacity = DefaultCapacity)
    {
        cache = null;
        OctetReader reader = new(saved.ToArray());
        byte version = reader.Octet();
        long forgotten = (long)reader.UInt64();
        uint count = reader.UInt32();
        if (reader.Failed || version != SavedVersion || !IsTicks(forgotten) || reader.Remaining != (long)count * SavedEntrySize)
        {
            return false;
        }

        MikeyReplayCache loaded = new(timeProvider, freshnessWindow, capacity) { _forgottenUpTo = new(forgotten, TimeSpan.Zero) };
        while (reader.Remaining > 0)
        {
            Entry entry = Entry.Read(reader.Take(Entry.SizeInBytes).Span);
            Entry initiator = Entry.Read(reader.Take(Entry.SizeInBytes).Span);
            long ticks = (long)reader.UInt64();
            if (!IsTicks(ticks) || loaded._entries.ContainsKey(entry))
            {
                return false;
            }

            loaded.Enter(entry, initiator, new DateTimeOffset(ticks, TimeSpan.Zero));
        }

        cache = loaded;
        return true;
    }

    // A time to which any allowed window can be added.
    private static bool IsTicks(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks - TimeSpan.TicksPerDay;
}
