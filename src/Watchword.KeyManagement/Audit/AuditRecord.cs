using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

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
/// <c>watchword-audit-1</c>, then sequence, hash of the record before, time (milliseconds since 1970)
/// and every field of the entry in fixed order. A number is a presence octet and 8 octets, big-endian; text (UTF-8) and octets
/// are a presence octet, a length of 4 octets and the value; an absent field is one zero octet. No two records share an encoding.
/// </summary>
public sealed class AuditRecord
{
    /// <summary>Octets of a record hash.</summary>
    public const int HashSizeInBytes = SHA256.HashSizeInBytes;

    private static readonly byte[] Label = "watchword-audit-1"u8.ToArray();

    private AuditRecord(
        long sequence, ReadOnlyMemory<byte> previousHash, DateTimeOffset time, AuditEntry entry, ReadOnlyMemory<byte> hash)
    {
        Sequence = sequence;
        PreviousHash = previousHash;
        Time = time;
        Entry = entry;
        Hash = hash;
    }

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
    public static AuditRecord Append(AuditHead head, DateTimeOffset time, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(entry);
        DateTimeOffset whole = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        long sequence = head.Sequence + 1;
        return new AuditRecord(sequence, head.Hash, whole, entry, ComputeHash(sequence, head.Hash.Span, whole, entry));
    }

    /// <summary>Takes a record back from storage as it stands there; nothing is checked, that is the verifier's job.</summary>
    public static AuditRecord Restore(
        long sequence, ReadOnlyMemory<byte> previousHash, DateTimeOffset time, AuditEntry entry, ReadOnlyMemory<byte> hash) =>
        new(sequence, previousHash, time, entry, hash);

    /// <summary>The head of a chain that ends with this record.</summary>
    public AuditHead ToHead() => new(Sequence, Hash, Time);

    /// <summary>The hash that the content of this record gives.</summary>
    internal byte[] ComputeHash() => ComputeHash(Sequence, PreviousHash.Span, Time, Entry);

    private static byte[] ComputeHash(long sequence, ReadOnlySpan<byte> previous, DateTimeOffset time, AuditEntry entry)
    {
        ArrayBufferWriter<byte> encoding = new(512);
        encoding.Write(Label);
        WriteInteger(encoding, sequence);
        WriteOctets(encoding, previous);
        WriteInteger(encoding, time.ToUnixTimeMilliseconds());
        WriteInteger(encoding, (int)entry.Kind);
        WriteText(encoding, entry.KmsUri);
        WriteInteger(encoding, entry.Generation);
        WriteText(encoding, entry.CorrelationId);
        WriteText(encoding, entry.Issuer);
        WriteText(encoding, entry.Subject);
        WriteText(encoding, entry.UserUri);
        WriteText(encoding, entry.Service);
        WriteInteger(encoding, entry.KeyPeriodNumber);
        WriteOctets(encoding, entry.UserId.Span);
        WriteOctets(encoding, entry.PublicTokenHash.Span);
        WriteInteger(encoding, entry.IntentSequence);
        WriteInteger(encoding, entry.Result);
        return SHA256.HashData(encoding.WrittenSpan);
    }

    private static void WriteInteger(ArrayBufferWriter<byte> encoding, long? value)
    {
        if (value is not { } number)
        {
            encoding.Write<byte>([0]);
            return;
        }

        Span<byte> octets = stackalloc byte[9];
        octets[0] = 1;
        BinaryPrimitives.WriteInt64BigEndian(octets[1..], number);
        encoding.Write(octets);
    }

    private static void WriteText(ArrayBufferWriter<byte> encoding, string? value)
    {
        if (value is null)
        {
            encoding.Write<byte>([0]);
            return;
        }

        WriteOctets(encoding, Encoding.UTF8.GetBytes(value));
    }

    private static void WriteOctets(ArrayBufferWriter<byte> encoding, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], value.Length);
        encoding.Write(head);
        encoding.Write(value);
    }
}
