using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.KeyManagement.Enrolment;

/// <summary>
/// The fields of a transport key file, and their octets for the compact form and the sheet: version 1; six fields, each after
/// its length in two octets; transport key and integrity key, 32 octets each; seconds since 1970 in eight octets; the first
/// eight octets of SHA-256 over all of it. Numbers are big-endian. The fields: KMS URI, address, user, client, id of the
/// transport key, id of the integrity key.
/// </summary>
internal sealed class KeyFilePayload(string[] fields, byte[] transportKey, byte[] integrityKey, DateTimeOffset created)
    : IDisposable
{
    /// <summary>Octets of the longest payload.</summary>
    public const int MaxOctets = 1 + (FieldCount * (2 + TransportKeyFile.MaxFieldOctets)) + Fixed;

    private const byte Version = 1;
    private const int FieldCount = 6;
    private const int ChecksumLength = 8;
    private const int Fixed = (2 * SecurityExtensionKey.SizeInBytes) + sizeof(long) + ChecksumLength;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The octets of a file, in pinned memory that the caller zeroes.</summary>
    public static byte[] Octets(TransportKeyFile file)
    {
        string[] fields = [file.KmsUri, file.KmsAddress, file.UserUri, file.ClientId, file.TransportKey.Id, file.IntegrityKey.Id];
        byte[] octets = GC.AllocateArray<byte>(1 + fields.Sum(f => 2 + StrictUtf8.GetByteCount(f)) + Fixed, pinned: true);
        octets[0] = Version;
        Span<byte> rest = octets.AsSpan(1);
        foreach (string field in fields)
        {
            int length = StrictUtf8.GetBytes(field, rest[2..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)length);
            rest = rest[(2 + length)..];
        }

        file.TransportKey.Export(rest[..SecurityExtensionKey.SizeInBytes]);
        file.IntegrityKey.Export(rest.Slice(SecurityExtensionKey.SizeInBytes, SecurityExtensionKey.SizeInBytes));
        rest = rest[(2 * SecurityExtensionKey.SizeInBytes)..];
        BinaryPrimitives.WriteInt64BigEndian(rest, file.Created.ToUnixTimeSeconds());
        Checksum(octets.AsSpan(0, octets.Length - ChecksumLength)).CopyTo(rest[sizeof(long)..]);
        return octets;
    }

    /// <summary>Reads the digits of the compact form or the joined digits of a sheet.</summary>
    public static TransportKeyFile FromDigits(ReadOnlySpan<byte> digits)
    {
        byte[] octets = GC.AllocateArray<byte>(Base32.OctetsFor(digits.Length), pinned: true);
        try
        {
            if (octets.Length > MaxOctets)
            {
                throw new TransportKeyFileException(TransportKeyFileFault.TooLarge);
            }

            if (octets.Length < 1 + Fixed || !Base32.TryDecode(digits, octets)
                || !octets.AsSpan(octets.Length - ChecksumLength)
                    .SequenceEqual(Checksum(octets.AsSpan(0, octets.Length - ChecksumLength))))
            {
                throw new TransportKeyFileException(TransportKeyFileFault.WrongChecksum);
            }

            return Read(octets.AsSpan(0, octets.Length - ChecksumLength));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <summary>The file with keys of its own; what is here is zeroed on dispose.</summary>
    public TransportKeyFile ToFile()
    {
        if (!fields.All(TransportKeyFile.IsField)
            || !SecurityExtensionKey.IsId(fields[4]) || !SecurityExtensionKey.IsId(fields[5]))
        {
            throw new TransportKeyFileException(TransportKeyFileFault.InvalidField);
        }

        TransportKey transport = TransportKey.Import(fields[4], transportKey.AsSpan(0, SecurityExtensionKey.SizeInBytes));
        IntegrityKey integrity = IntegrityKey.Import(fields[5], integrityKey.AsSpan(0, SecurityExtensionKey.SizeInBytes));
        return new TransportKeyFile(fields[0], fields[1], fields[2], fields[3], transport, integrity, created);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(transportKey);
        CryptographicOperations.ZeroMemory(integrityKey);
    }

    private static TransportKeyFile Read(ReadOnlySpan<byte> octets)
    {
        if (octets[0] != Version)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.UnsupportedVersion);
        }

        ReadOnlySpan<byte> rest = octets[1..];
        string[] fields = new string[FieldCount];
        for (int i = 0; i < FieldCount; i++)
        {
            fields[i] = ReadField(ref rest);
        }

        if (rest.Length != Fixed - ChecksumLength)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.InvalidField);
        }

        long seconds = BinaryPrimitives.ReadInt64BigEndian(rest[(2 * SecurityExtensionKey.SizeInBytes)..]);
        if (seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            throw new TransportKeyFileException(TransportKeyFileFault.InvalidField);
        }

        using KeyFilePayload payload = new(
            fields, Pinned(rest[..SecurityExtensionKey.SizeInBytes]),
            Pinned(rest.Slice(SecurityExtensionKey.SizeInBytes, SecurityExtensionKey.SizeInBytes)),
            DateTimeOffset.FromUnixTimeSeconds(seconds));
        return payload.ToFile();
    }

    private static string ReadField(ref ReadOnlySpan<byte> rest)
    {
        int length = rest.Length < 2 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length > rest.Length - 2)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.InvalidField);
        }

        try
        {
            string field = StrictUtf8.GetString(rest.Slice(2, length));
            rest = rest[(2 + length)..];
            return field;
        }
        catch (DecoderFallbackException)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.InvalidField);
        }
    }

    private static byte[] Pinned(ReadOnlySpan<byte> key)
    {
        byte[] octets = GC.AllocateArray<byte>(key.Length, pinned: true);
        key.CopyTo(octets);
        return octets;
    }

    private static byte[] Checksum(ReadOnlySpan<byte> octets) => SHA256.HashData(octets)[..ChecksumLength];
}
