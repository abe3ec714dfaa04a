using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The way from a data directory to an open domain: the same for a start and for a check that a start would
/// work.</summary>
internal static class DomainOpening
{
    /// <summary>Opens store and domain; it never creates one. The caller disposes of both.</summary>
    /// <exception cref="KmsException">Why the KMS does not start on this data.</exception>
    public static async Task<(SqliteKmsStore Store, SecurityDomain Domain)> OpenAsync(
        KmsSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        settings.Data.RequireOwnerOnly();
        SqliteKmsStore store = await SqliteKmsStore.OpenAsync(settings.Data.DatabasePath, time, cancellationToken);
        try
        {
            DomainRecord record = await store.FindDomainAsync(cancellationToken)
                ?? throw new KmsException(KmsError.NoDomain, settings.Data.DatabasePath);
            // Both ways: a lab that took over a real domain would treat its secrets as toys.
            if (record.IsLabData != settings.IsLab)
            {
                throw new KmsException(KmsError.LabData, record.KmsUri);
            }

            return (store, await SecurityDomain.OpenAsync(
                store,
                settings.Data.Custody(settings.Custody.KeyEncryptionKeyFile, settings.Custody.PassphraseFile),
                cancellationToken));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
