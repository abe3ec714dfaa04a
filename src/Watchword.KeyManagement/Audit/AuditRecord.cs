using System.Security.Cryptography;

namespace Watchword.KeyManagement.Audit;

/// <summary>The end of a chain: what the next record is linked to, and what an operator writes down elsewhere to detect a
/// cut.</summary>
/// <param name="Sequence">Number of the last record; 0 for an empty chain.</param>
/// <param name="Hash">SHA-256 of the last record, 32 octets; zeros for an empty chain.</param>
/// <param name="Time">Time of the last record.</param>
public sealed record AuditHead(long Sequence, ReadOnlyMemory<byte> Hash, DateTimeOffset Time)
{
    /// <summary>The head of a chain without records.</summary>
    public static AuditHead Empty { get; } = new(0, new byte[AuditRecord.HashSizeInBytes], DateTimeOffset.UnixEpoch);
}

/// <summary>
/// One record of the append-only, hash-chained audit log. The hash is SHA-256 over the canonical encoding: the label
/// <c>watchword-audit-2</c>, then sequence, hash of the record before, time (milliseconds since 1970) and every field of the
/// entry in fixed order. No two records share an encoding. Records of format 1, which has its own label, no role, no detail and
/// no list of key sets, stand before them in the logs of earlier versions and verify as they did.
/// </summary>
public sealed class AuditRecord
{
    /// <summary>Octets of a record hash.</summary>
    public const int HashSizeInBytes = SHA256.HashSizeInBytes;

    /// <summary>The format of new records.</summary>
    public const int CurrentFormat = 2;

    private AuditRecord(
        int format, long sequence, ReadOnlyMemory<byte> previousHash, DateTimeOffset time, AuditEntry entry,
        ReadOnlyMemory<byte> hash)
    {
        Format = format;
        Sequence = sequence;
        PreviousHash = previousHash;
        Time = time;
        Entry = entry;
        Hash = hash;
    }

    /// <summary>Which encoding its hash is made of: 1 or 2.</summary>
    public int Format { get; }

    /// <summary>Place in the chain, from 1, without gaps.</summary>
    public long Sequence { get; }

    /// <summary>Hash of the record before, 32 octets; zeros before the first.</summary>
    public ReadOnlyMemory<byte> PreviousHash { get; }

    /// <summary>When the record was made, UTC, in whole milliseconds; never before the time of the record before.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>What is reported.</summary>
    public AuditEntry Entry { get; }

    /// <summary>The hash as stored, 32 octets. <see cref="AuditChain"/> says whether it is true.</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    /// <summary>Makes the record that follows <paramref name="head"/>. The time is cut to milliseconds.</summary>
    /// <exception cref="ArgumentException">The entry is not one that can be kept (<see cref="AuditEntry.Validate"/>).</exception>
    public static AuditRecord Append(AuditHead head, DateTimeOffset time, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(entry);
        entry.Validate();
        DateTimeOffset whole = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        long sequence = head.Sequence + 1;
        byte[] hash = AuditEncoding.Hash(CurrentFormat, sequence, head.Hash.Span, whole, entry)!;
        return new AuditRecord(CurrentFormat, sequence, head.Hash, whole, entry, hash);
    }

    /// <summary>Takes a record back from storage as it stands there; nothing is checked, that is the verifier's job.</summary>
    public static AuditRecord Restore(
        int format, long sequence, ReadOnlyMemory<byte> previousHash, DateTimeOffset time, AuditEntry entry,
        ReadOnlyMemory<byte> hash) => new(format, sequence, previousHash, time, entry, hash);

    /// <summary>The head of a chain that ends with this record.</summary>
    public AuditHead ToHead() => new(Sequence, Hash, Time);

    /// <summary>The hash that the content of this record gives; null if its format is unknown.</summary>
    internal byte[]? ComputeHash() => AuditEncoding.Hash(Format, Sequence, PreviousHash.Span, Time, Entry);
}
