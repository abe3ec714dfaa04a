using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.KeyManagement.Audit;

/// <summary>
/// The canonical encoding that record hashes are made of. A number is a presence octet and 8 octets, big-endian; text (UTF-8) and
/// octets are a presence octet, a length of 4 octets and the value; an absent field is one zero octet.
/// </summary>
internal static class AuditEncoding
{
    private static readonly byte[] IntentLabel = "watchword-audit-intent"u8.ToArray();

    /// <summary>The hash of a record; null if there is no such format.</summary>
    public static byte[]? Hash(int format, long sequence, ReadOnlySpan<byte> previous, DateTimeOffset time, AuditEntry entry)
    {
        ArrayBufferWriter<byte> encoding = new(512);
        switch (format)
        {
            case 1:
                encoding.Write("watchword-audit-1"u8);
                break;
            case 2:
                encoding.Write("watchword-audit-2"u8);
                break;
            default:
                return null;
        }

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
        if (format == 2)
        {
            WriteText(encoding, entry.Role);
            WriteText(encoding, entry.Detail);
            WriteInteger(encoding, entry.KeySets.Count);
            foreach (AuditKeySet keySet in entry.KeySets)
            {
                Write(encoding, keySet);
            }
        }
        else if (entry.Role is not null || entry.Detail is not null || entry.KeySets.Count > 0)
        {
            // Format 1 has no place for them: a record that carries them is not the one that was hashed.
            return [];
        }

        return SHA256.HashData(encoding.WrittenSpan);
    }

    /// <summary>What an outcome must have in common with its intent, as a digest.</summary>
    public static byte[] HashOfIntent(AuditEntry entry)
    {
        ArrayBufferWriter<byte> encoding = new(512);
        encoding.Write(IntentLabel);
        WriteText(encoding, entry.KmsUri);
        WriteInteger(encoding, entry.Generation);
        WriteText(encoding, entry.Issuer);
        WriteText(encoding, entry.Subject);
        WriteText(encoding, entry.UserUri);
        WriteInteger(encoding, entry.KeyPeriodNumber);
        WriteOctets(encoding, entry.UserId.Span);
        WriteInteger(encoding, entry.KeySets.Count);
        foreach (AuditKeySet keySet in entry.KeySets)
        {
            WriteText(encoding, keySet.UserUri);
            WriteText(encoding, keySet.Service);
            WriteOctets(encoding, keySet.UserId.Span);
        }

        return SHA256.HashData(encoding.WrittenSpan);
    }

    private static void Write(ArrayBufferWriter<byte> encoding, AuditKeySet keySet)
    {
        WriteText(encoding, keySet.UserUri);
        WriteText(encoding, keySet.Service);
        WriteOctets(encoding, keySet.UserId.Span);
        WriteOctets(encoding, keySet.PublicTokenHash.Span);
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
