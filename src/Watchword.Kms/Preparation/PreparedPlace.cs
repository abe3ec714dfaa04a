using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>Where a prepared key set belongs, as octets: what is sealed opens there only.</summary>
public static class PreparedPlace
{
    /// <summary>Tells a requester: SHA-256 over issuer and subject.</summary>
    public static byte[] HashHolder(string issuer, string subject) => SHA256.HashData(Join("holder", issuer, subject));

    /// <summary>Tells an identity in a domain: SHA-256 over KMS URI and identity.</summary>
    public static byte[] HashIdentity(string kmsUri, string userUri) => SHA256.HashData(Join("identity", kmsUri, userUri));

    /// <summary>The associated data: domain, generation, secrets, period, identity, UID, requester and transport key.</summary>
    internal static byte[] Context(
        DomainRecord generation, long periodNumber, string userUri, UserId userId, ReadOnlySpan<byte> holder,
        string transportKeyId)
    {
        byte[] names = Join("watchword-prepared-1", generation.KmsUri, userUri, transportKeyId);
        byte[] context = new byte[names.Length + sizeof(int) + sizeof(int) + sizeof(long) + UserId.SizeInBytes + holder.Length];
        Span<byte> rest = context;
        BinaryPrimitives.WriteInt32BigEndian(rest, generation.Generation);
        BinaryPrimitives.WriteInt32BigEndian(rest[4..], generation.SecretsGeneration);
        BinaryPrimitives.WriteInt64BigEndian(rest[8..], periodNumber);
        userId.Octets.CopyTo(rest[16..]);
        holder.CopyTo(rest[(16 + UserId.SizeInBytes)..]);
        names.CopyTo(rest[(16 + UserId.SizeInBytes + holder.Length)..]);
        return context;
    }

    /// <summary>Texts with the length of each before it.</summary>
    private static byte[] Join(params ReadOnlySpan<string> parts)
    {
        int length = 0;
        foreach (string part in parts)
        {
            length += sizeof(int) + Encoding.UTF8.GetByteCount(part);
        }

        byte[] joined = new byte[length];
        Span<byte> rest = joined;
        foreach (string part in parts)
        {
            int octets = Encoding.UTF8.GetBytes(part, rest[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, octets);
            rest = rest[(sizeof(int) + octets)..];
        }

        return joined;
    }
}
