using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Mikey;

/// <summary>
/// The key derivation function of TS 33.220 Annex B as TS 33.180 F.1 uses it: HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ||
/// ...), of which the least significant bits are taken. Each length is that of its parameter, in two octets.
/// </summary>
internal static class KeyDerivationFunction
{
    /// <summary>TS 33.180 F.1.3.</summary>
    public const byte UserSalt = 0x50;

    /// <summary>TS 33.180 F.1.4.</summary>
    public const byte SignallingConfidentiality = 0x51;

    /// <summary>TS 33.180 F.1.4.</summary>
    public const byte SignallingIntegrity = 0x52;

    /// <summary>TS 33.180 F.1.5.</summary>
    public const byte DataPayloadCipher = 0x53;

    /// <summary>Derives the last <paramref name="output"/>.Length octets, at most 32.</summary>
    /// <param name="key">The key.</param>
    /// <param name="function">FC.</param>
    /// <param name="output">The destination.</param>
    /// <param name="parameter0">P0.</param>
    /// <param name="parameter1">P1; not there if empty.</param>
    public static void Derive(
        ReadOnlySpan<byte> key,
        byte function,
        Span<byte> output,
        ReadOnlySpan<byte> parameter0,
        ReadOnlySpan<byte> parameter1 = default)
    {
        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData([function]);
        Append(hmac, parameter0);
        if (!parameter1.IsEmpty)
        {
            Append(hmac, parameter1);
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        hmac.GetHashAndReset(hash);
        hash[^output.Length..].CopyTo(output);
        CryptographicOperations.ZeroMemory(hash);
    }

    /// <summary>A URI as a parameter: its UTF-8 octets, nothing normalised.</summary>
    /// <exception cref="ArgumentException">An empty URI, or one of more than 65535 octets.</exception>
    public static byte[] Uri(string uri)
    {
        byte[] octets = Encoding.UTF8.GetBytes(uri);
        return octets.Length is > 0 and <= ushort.MaxValue
            ? octets
            : throw new ArgumentException("A URI has 1 to 65535 octets.", nameof(uri));
    }

    private static void Append(IncrementalHash hmac, ReadOnlySpan<byte> parameter)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)parameter.Length));
        hmac.AppendData(parameter);
        hmac.AppendData(length);
    }
}
