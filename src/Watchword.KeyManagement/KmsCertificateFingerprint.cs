using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// Names a KMS certificate by its content: SHA-256 over the fields that make it what it is, so that two people, or a client and
/// its KMS, can tell whether they hold the same. Role and revocation are no part of it: the Root certificate of one domain is
/// the External one of another, and a revoked certificate is still the same.
/// </summary>
/// <remarks>
/// Hashed is <c>watchword-kms-certificate-1</c> and then each field in the order of D.3.2: CertUri, KmsUri, Issuer, ValidFrom,
/// ValidTo, UserIdFormat, UserKeyPeriod, UserKeyOffset, PubEncKey, PubAuthKey, ParameterSet, IsSecurityGateway, the number of
/// domains, each domain. Every field is one octet 00 if absent, else 01, its length in four octets (big-endian) and its octets:
/// text in UTF-8, numbers in decimal digits, times in UTC as they are written in XML with <c>Z</c>, keys uncompressed, booleans
/// <c>true</c> or <c>false</c>.
/// </remarks>
public sealed class KmsCertificateFingerprint : IEquatable<KmsCertificateFingerprint>
{
    /// <summary>Length in octets.</summary>
    public const int SizeInBytes = 32;

    private const int GroupLength = 4;

    private readonly byte[] _octets;

    private KmsCertificateFingerprint(byte[] octets) => _octets = octets;

    /// <summary>The 32 octets.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>The fingerprint of a certificate.</summary>
    public static KmsCertificateFingerprint Of(KmsCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("watchword-kms-certificate-1"u8);
        Append(hash, certificate.CertUri);
        Append(hash, certificate.KmsUri);
        Append(hash, certificate.Issuer);
        Append(hash, certificate.ValidFrom is { } from ? XmlTime.ToString(from, withZone: true) : null);
        Append(hash, certificate.ValidTo is { } to ? XmlTime.ToString(to, withZone: true) : null);
        Append(hash, certificate.UserIdFormat);
        Append(hash, Invariant(certificate.Schedule.PeriodSeconds));
        Append(hash, Invariant(certificate.Schedule.OffsetSeconds));
        Append(hash, certificate.PublicEncryptionKey.Export());
        Append(hash, certificate.PublicAuthenticationKey.Export());
        Append(hash, Invariant(certificate.ParameterSet));
        Append(hash, certificate.IsSecurityGateway is bool gateway ? (gateway ? "true" : "false") : null);
        Append(hash, Invariant(certificate.Domains.Count));
        foreach (string domain in certificate.Domains)
        {
            Append(hash, domain);
        }

        return new KmsCertificateFingerprint(hash.GetHashAndReset());
    }

    /// <summary>Takes 32 octets as a fingerprint.</summary>
    /// <exception cref="ArgumentException">The span is not 32 octets long.</exception>
    public static KmsCertificateFingerprint FromOctets(ReadOnlySpan<byte> octets) => octets.Length == SizeInBytes
        ? new KmsCertificateFingerprint(octets.ToArray())
        : throw new ArgumentException($"A fingerprint has {SizeInBytes} octets.", nameof(octets));

    /// <summary>Reads 64 hexadecimal digits of either case; blanks, colons and hyphens between them are nothing.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KmsCertificateFingerprint? fingerprint)
    {
        fingerprint = null;
        Span<char> digits = stackalloc char[2 * SizeInBytes];
        int count = 0;
        foreach (char character in text ?? "")
        {
            if (character is ' ' or '\t' or '\r' or '\n' or ':' or '-')
            {
                continue;
            }

            if (count == digits.Length)
            {
                return false;
            }

            digits[count++] = character;
        }

        byte[] octets = new byte[SizeInBytes];
        if (!Hexadecimal.TryDecode(digits[..count], octets))
        {
            return false;
        }

        fingerprint = new KmsCertificateFingerprint(octets);
        return true;
    }

    /// <summary>64 upper-case hexadecimal digits.</summary>
    public string ToHex() => Convert.ToHexString(_octets);

    /// <summary>Hexadecimal digits in 16 groups of 4, for people to compare.</summary>
    public override string ToString()
    {
        string digits = ToHex();
        return string.Join(' ', digits.Chunk(GroupLength).Select(group => new string(group)));
    }

    /// <inheritdoc/>
    public bool Equals(KmsCertificateFingerprint? other) => other is not null && _octets.AsSpan().SequenceEqual(other._octets);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KmsCertificateFingerprint);

    /// <inheritdoc/>
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(_octets);

    private static string Invariant(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Append(IncrementalHash hash, string? text) =>
        Append(hash, text is null ? null : Encoding.UTF8.GetBytes(text));

    private static void Append(IncrementalHash hash, byte[]? field)
    {
        if (field is null)
        {
            hash.AppendData([0]);
            return;
        }

        Span<byte> head = stackalloc byte[5];
        head[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], field.Length);
        hash.AppendData(head);
        hash.AppendData(field);
    }
}
