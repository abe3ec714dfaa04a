using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>
/// A KMS certificate in the store, with the fingerprint of all that its users' keys depend on: KMS URI, key periods, KPAK and
/// Z_T.
/// </summary>
internal sealed class StoredCertificate
{
    public const int FingerprintLength = SHA256.HashSizeInBytes;

    public StoredCertificate(KmsCertificate certificate, DateTimeOffset receivedAt)
    {
        Certificate = certificate;
        ReceivedAt = receivedAt;
        Fingerprint = Hash(certificate);
    }

    public KmsCertificate Certificate { get; }

    public DateTimeOffset ReceivedAt { get; }

    /// <summary>True if the home KMS announced it as the one to come and has not given it as its own yet.</summary>
    public bool IsAnnounced { get; set; }

    public byte[] Fingerprint { get; }

    /// <summary>True if key sets of the one are key sets of the other.</summary>
    public bool HasKeysOf(StoredCertificate other) => Fingerprint.AsSpan().SequenceEqual(other.Fingerprint);

    /// <summary>The certificate as the Annex D document that delivers one: the format that is read strictly already.</summary>
    public byte[] ToOctets()
    {
        using KmsResponse carrier = new()
        {
            UserUri = Certificate.KmsUri,
            KmsUri = Certificate.KmsUri,
            Time = ReceivedAt,
            ClientReqUrl = AnnexDPaths.Init,
            Message = new KmsInit(Certificate),
        };
        using MemoryStream stream = new();
        carrier.WriteTo(stream);
        return stream.ToArray();
    }

    /// <exception cref="FormatException">It is no certificate.</exception>
    public static StoredCertificate FromOctets(byte[] octets, DateTimeOffset receivedAt)
    {
        try
        {
            using KmsResponse carrier = KmsResponse.Parse(octets);
            return carrier.Message is KmsInit init
                ? new StoredCertificate(init.Certificate, receivedAt)
                : throw new FormatException("There is no KMS certificate.");
        }
        catch (KeyManagementFormatException e)
        {
            throw new FormatException("A KMS certificate is not one.", e);
        }
    }

    // All parts but the last have a fixed length, so no two certificates have one input.
    private static byte[] Hash(KmsCertificate certificate)
    {
        byte[] schedule = new byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(schedule, certificate.Schedule.PeriodSeconds);
        BinaryPrimitives.WriteInt64BigEndian(schedule.AsSpan(sizeof(long)), certificate.Schedule.OffsetSeconds);
        return SHA256.HashData(
        [
            .. schedule, .. certificate.PublicAuthenticationKey.Export(), .. certificate.PublicEncryptionKey.Export(),
            .. Encoding.UTF8.GetBytes(certificate.KmsUri),
        ]);
    }
}
