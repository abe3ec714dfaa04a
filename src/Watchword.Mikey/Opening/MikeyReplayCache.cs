using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// The messages that were opened within the freshness window (RFC 3830 §5.4). An entry is the SHA-256 of initiator UID, CSB ID,
/// T, the hash of RAND and whom the message is for (one key may be handed to several identities of a process), and lives until T
/// leaves the window, when the message is refused as stale anyway: so memory is bounded by window and capacity, and no replay
/// falls between cache and clock. Thread-safe.
/// </summary>
/// <remarks>
/// Only authentic messages are entered, so strangers cannot fill the cache; one initiator can take at most a sixteenth of it. A
/// full cache refuses messages rather than forget one. A clock that is set back does not reopen the past: once an entry has
/// expired, no message as old as it is taken again.
/// </remarks>
public sealed partial class MikeyReplayCache
{
    /// <summary>The freshness window unless another is given: 300 s to either side of the local clock.</summary>
    public static readonly TimeSpan DefaultFreshnessWindow = TimeSpan.FromSeconds(300);

    /// <summary>The number of entries unless another is given.</summary>
    public const int DefaultCapacity = 65_536;

    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly int _capacity;
    private readonly int _capacityPerInitiator;
    private readonly Dictionary<Entry, Entry> _entries = [];
    private readonly Dictionary<Entry, int> _initiators = [];
    private readonly PriorityQueue<Entry, DateTimeOffset> _byTime = new();
    private DateTimeOffset _forgottenUpTo = DateTimeOffset.MinValue;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="timeProvider">The clock against which T is judged.</param>
    /// <param name="freshnessWindow">How far T may lie from the local clock to either side; default 300 s, at most a day.</param>
    /// <param name="capacity">The largest number of entries, from 16 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">A window or a capacity out of range.</exception>
    public MikeyReplayCache(TimeProvider timeProvider, TimeSpan? freshnessWindow = null, int capacity = DefaultCapacity)
    {
        FreshnessWindow = freshnessWindow ?? DefaultFreshnessWindow;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FreshnessWindow, TimeSpan.Zero, nameof(freshnessWindow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FreshnessWindow, TimeSpan.FromDays(1), nameof(freshnessWindow));
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 16);
        _timeProvider = timeProvider;
        _capacity = capacity;
        _capacityPerInitiator = capacity / 16;
    }

    /// <summary>How far T may lie from the local clock to either side.</summary>
    public TimeSpan FreshnessWindow { get; }

    /// <summary>The number of entries held.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    internal enum Addition
    {
        Added,
        Known,
        Full,
    }

    internal DateTimeOffset Now => _timeProvider.GetUtcNow();

    /// <summary>Whether a message was opened before. Asked before the signature is verified; it changes nothing.</summary>
    internal bool Contains(ReadOnlySpan<byte> initiatorUid, MikeyMessage message, DateTimeOffset time)
    {
        Entry entry = Entry.Of(initiatorUid, message);
        lock (_lock)
        {
            return _entries.ContainsKey(entry) || time <= _forgottenUpTo;
        }
    }

    /// <summary>
    /// Enters an authentic message, in one step with asking whether it is there: of two equal messages one wins.
    /// </summary>
    internal Addition TryAdd(ReadOnlySpan<byte> initiatorUid, MikeyMessage message, DateTimeOffset time)
    {
        Entry entry = Entry.Of(initiatorUid, message);
        Entry initiator = Entry.Of(initiatorUid);
        lock (_lock)
        {
            Expire(Now);
            if (_entries.ContainsKey(entry) || time <= _forgottenUpTo)
            {
                return Addition.Known;
            }

            if (_entries.Count >= _capacity || _initiators.GetValueOrDefault(initiator) >= _capacityPerInitiator)
            {
                return Addition.Full;
            }

            Enter(entry, initiator, time);
            return Addition.Added;
        }
    }

    private void Enter(Entry entry, Entry initiator, DateTimeOffset time)
    {
        _entries.Add(entry, initiator);
        _initiators[initiator] = _initiators.GetValueOrDefault(initiator) + 1;
        _byTime.Enqueue(entry, time);
    }

    private void Expire(DateTimeOffset now)
    {
        // Strictly before: at T + window a message is still fresh.
        while (_byTime.TryPeek(out Entry entry, out DateTimeOffset time) && time + FreshnessWindow < now)
        {
            _byTime.Dequeue();
            _entries.Remove(entry, out Entry initiator);
            int held = _initiators[initiator] - 1;
            if (held == 0)
            {
                _initiators.Remove(initiator);
            }
            else
            {
                _initiators[initiator] = held;
            }

            _forgottenUpTo = time;
        }
    }

    // 128 bits of a SHA-256 would do against chance; all 256 are kept because an initiator may search for collisions.
    private readonly record struct Entry(UInt128 High, UInt128 Low)
    {
        public const int SizeInBytes = SHA256.HashSizeInBytes;

        public static Entry Of(ReadOnlySpan<byte> initiatorUid, MikeyMessage message)
        {
            const int Size = MikeyIdentity.UidSizeInBytes + sizeof(uint) + sizeof(ulong) + (2 * SHA256.HashSizeInBytes);
            Span<byte> input = stackalloc byte[Size];
            initiatorUid.CopyTo(input);
            BinaryPrimitives.WriteUInt32BigEndian(input[32..], message.Header.CsbId);
            BinaryPrimitives.WriteUInt64BigEndian(input[36..], message.Timestamp.Value);
            SHA256.HashData(message.Random.Value.Span, input[44..]);
            MikeyIdentity responder = message.FindIdentity(MikeyIdentityRole.Responder)
                ?? message.FindIdentity(MikeyIdentityRole.ResponderUid)!;
            SHA256.HashData(responder.Octets.Span, input[76..]);
            return Of(input);
        }

        public static Entry Of(ReadOnlySpan<byte> input)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(input, hash);
            return Read(hash);
        }

        public static Entry Read(ReadOnlySpan<byte> octets) =>
            new(BinaryPrimitives.ReadUInt128BigEndian(octets), BinaryPrimitives.ReadUInt128BigEndian(octets[16..]));

        public void Write(Span<byte> destination)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, High);
            BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Low);
        }
    }
}
