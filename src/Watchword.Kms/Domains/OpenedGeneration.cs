using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>One generation with its master secrets, whatever its state: for looking at it, not for issuing.</summary>
internal sealed class OpenedGeneration : IDisposable
{
    private OpenedGeneration(DomainRecord record, KmsCertificate certificate, MasterSecrets secrets)
    {
        Record = record;
        Certificate = certificate;
        Secrets = secrets;
    }

    public DomainRecord Record { get; }

    /// <summary>Its KMS certificate as of all time: whether keys derive from its secrets is asked of one that was revoked or
    /// whose time is over as well.</summary>
    public KmsCertificate Certificate { get; }

    public MasterSecrets Secrets { get; }

    /// <exception cref="KmsException">Its secrets do not open, or they are not those of its public keys.</exception>
    public static async Task<OpenedGeneration> OpenAsync(
        DomainRecord record, IMasterSecretCustody custody, CancellationToken cancellationToken = default)
    {
        MasterSecrets secrets = await custody.OpenAsync(record.KmsUri, record.SecretsGeneration, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            KmsCertificate certificate = (record with
            {
                State = GenerationState.Active, ValidFrom = null, ValidTo = null,
            }).ToCertificate();
            return secrets.Eccsi.PublicKey.Equals(certificate.PublicAuthenticationKey)
                && secrets.Sakke.PublicKey.Equals(certificate.PublicEncryptionKey)
                    ? new OpenedGeneration(record, certificate, secrets)
                    : throw new KmsException(KmsError.CustodyMismatch, record.KmsUri);
        }
        catch (Exception fault)
        {
            secrets.Dispose();
            if (fault is CryptographicException)
            {
                throw new KmsException(KmsError.CustodyMismatch, record.KmsUri, fault);
            }

            throw;
        }
    }

    /// <summary>Zeroes the master secrets.</summary>
    public void Dispose() => Secrets.Dispose();
}
