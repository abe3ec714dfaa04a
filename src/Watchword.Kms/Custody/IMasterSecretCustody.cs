namespace Watchword.Kms;

/// <summary>Keeps the master secrets of security domains, and gives them to nobody but the KMS.</summary>
public interface IMasterSecretCustody
{
    /// <summary>Keeps the secrets of a new generation for good. Never overwrites.</summary>
    /// <param name="kmsUri">The domain.</param>
    /// <param name="generation">The generation, from 1.</param>
    /// <param name="secrets">The secrets; they stay with the caller.</param>
    /// <param name="cancellationToken">Ends the waiting for an unseal.</param>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyWithoutDomain"/> if there is something for this generation
    /// already.</exception>
    Task StoreAsync(string kmsUri, int generation, MasterSecrets secrets, CancellationToken cancellationToken = default);

    /// <summary>Opens the secrets of a generation; the caller disposes them.</summary>
    /// <exception cref="KmsException">They are missing, changed, or under another key-encryption key.</exception>
    Task<MasterSecrets> OpenAsync(string kmsUri, int generation, CancellationToken cancellationToken = default);
}
