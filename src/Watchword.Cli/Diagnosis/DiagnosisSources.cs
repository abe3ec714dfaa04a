using System.Security.Cryptography;
using Watchword.Client;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>Where KMS certificates and key sets for a diagnosis come from: files and the key store of a profile.</summary>
internal static class DiagnosisSources
{
    private const int MaximumDocument = 1024 * 1024;

    /// <summary>The KMS certificates of a file: a KmsCertificate document, or a KMS response with one or several.</summary>
    /// <exception cref="CliException">The file cannot be read, or holds none.</exception>
    public static IReadOnlyList<KmsCertificate> CertificatesOf(string path)
    {
        byte[] document = Read(path);
        try
        {
            return [KmsCertificate.Parse(document)];
        }
        catch (KeyManagementFormatException)
        {
            // Not the certificate alone: perhaps the answer that brought it.
        }

        try
        {
            using KmsResponse response = KmsResponse.Parse(document);
            return response.Message switch
            {
                KmsInit init => [init.Certificate, .. init.NextCertificates],
                KmsCertCache cache => [.. cache.Certificates, .. cache.NextCertificates],
                _ => throw Malformed(path, null),
            };
        }
        catch (KeyManagementFormatException fault)
        {
            throw Malformed(path, fault);
        }
    }

    /// <summary>The key sets of a store; each is unlocked where it is tried, as long as the store is open.</summary>
    public static IReadOnlyList<OwnKey> KeysOf(KeyStore store) =>
    [
        .. from info in store.KeySets
           let certificates = store.Certificates
               .Where(c => c.UserIdFor(info.UserUri, info.Period.Number).Equals(info.UserId)).ToArray()
           where certificates.Length > 0
           select OwnKey.Of(certificates[0], info.UserUri, info.Period.Number, () => Unlock(store, info, certificates)),
    ];

    private static SakkeReceiverKey? Unlock(KeyStore store, KeySetInfo info, KmsCertificate[] certificates)
    {
        byte[] ssk = GC.AllocateArray<byte>(EccsiSigningKey.SecretSizeInBytes, pinned: true);
        byte[] rsk = GC.AllocateArray<byte>(SakkeReceiverKey.SizeInBytes, pinned: true);
        try
        {
            store.ExportKeys(info, ssk, new byte[EccsiSigningKey.PublicTokenSizeInBytes], rsk);
            foreach (KmsCertificate certificate in certificates)
            {
                if (SakkeReceiverKey.TryImport(
                    certificate.PublicEncryptionKey, info.UserId.Octets, rsk, out SakkeReceiverKey? key))
                {
                    return key;
                }
            }

            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ssk);
            CryptographicOperations.ZeroMemory(rsk);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] buffer = new byte[MaximumDocument + 1];
            int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaximumDocument ? throw Malformed(path, null) : buffer[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"cannot read {path}", exception)
            {
                Hint = "name a file with a KMS certificate",
            };
        }
    }

    private static CliException Malformed(string path, Exception? inner) =>
        new(ExitCode.Malformed, $"no KMS certificate in {path}", inner) { Cause = inner?.Message, Clause = "TS 33.180 D.3.2" };
}
