using System.Security.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// A security domain that is open for issuing: its public facts with the master secrets of its generation. Comes into being by
/// <see cref="CreateAsync"/> only, an explicit act; a start only ever opens one.
/// </summary>
public sealed class SecurityDomain : IDisposable
{
    private const string CreationCorrelationId = "init-domain";

    internal SecurityDomain(DomainRecord record, MasterSecrets secrets)
    {
        Record = record;
        Secrets = secrets;
        Certificate = record.ToCertificate();
    }

    /// <summary>The public facts.</summary>
    public DomainRecord Record { get; }

    /// <summary>The KMS certificate for the domain's own users.</summary>
    public KmsCertificate Certificate { get; }

    internal MasterSecrets Secrets { get; }

    /// <summary>Creates the domain: draws its secrets, puts them into custody, and records it with its first audit
    /// record.</summary>
    /// <exception cref="KmsException">The domain exists already, or custody holds something for it.</exception>
    public static async Task<DomainRecord> CreateAsync(
        DomainDescription description, IDomainStore store, IMasterSecretCustody custody, TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        const int firstGeneration = 1;
        IReadOnlyList<DomainRecord> existing =
            await store.FindGenerationsAsync(description.KmsUri, cancellationToken).ConfigureAwait(false);
        if (existing.Count > 0)
        {
            throw new KmsException(KmsError.DomainExists, description.KmsUri);
        }

        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        using MasterSecrets secrets = MasterSecrets.Generate();
        DomainRecord record = new()
        {
            KmsUri = description.KmsUri,
            Generation = firstGeneration,
            SecretsGeneration = firstGeneration,
            Schedule = description.Schedule,
            PublicAuthenticationKey = secrets.Eccsi.PublicKey.Export(),
            PublicEncryptionKey = secrets.Sakke.PublicKey.Export(),
            CertUri = description.CertUri,
            Issuer = description.Issuer,
            Domains = description.Domains,
            IsLabData = description.IsLabData,
            State = GenerationState.Active,
            CreatedAt = now,
            StateChangedAt = now,
        };

        // Custody first: a domain whose secrets are lost would be worse than secrets without a domain.
        await custody.StoreAsync(record.KmsUri, record.SecretsGeneration, secrets, cancellationToken).ConfigureAwait(false);
        AuditEntry entry = new()
        {
            Kind = AuditKind.Custody,
            KmsUri = record.KmsUri,
            Generation = record.Generation,
            CorrelationId = CreationCorrelationId,
        };
        await store.CreateDomainAsync(record, entry, cancellationToken).ConfigureAwait(false);
        return record;
    }

    /// <summary>Opens the active generation of a domain that the store knows.</summary>
    /// <param name="store">The store.</param>
    /// <param name="custody">Where its master secrets are.</param>
    /// <param name="kmsUri">The domain; null for the only one of the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException">There is none, or several and none was named, or its secrets do not open, or they are not
    /// those of its public keys.</exception>
    public static async Task<SecurityDomain> OpenAsync(
        IDomainStore store, IMasterSecretCustody custody, string? kmsUri = null, CancellationToken cancellationToken = default)
    {
        DomainRecord record = await store.FindActiveAsync(kmsUri, cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsError.NoDomain);
        return await OpenAsync(record, custody, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens one generation, whatever its state.</summary>
    /// <exception cref="KmsException">Its secrets do not open, or they are not those of its public keys.</exception>
    public static async Task<SecurityDomain> OpenAsync(
        DomainRecord record, IMasterSecretCustody custody, CancellationToken cancellationToken = default)
    {
        SecurityDomain domain;
        MasterSecrets secrets = await custody.OpenAsync(record.KmsUri, record.SecretsGeneration, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            domain = new SecurityDomain(record, secrets);
        }
        catch (CryptographicException fault)
        {
            secrets.Dispose();
            throw new KmsException(KmsError.CustodyMismatch, record.KmsUri, fault);
        }

        if (secrets.Eccsi.PublicKey.Equals(domain.Certificate.PublicAuthenticationKey)
            && secrets.Sakke.PublicKey.Equals(domain.Certificate.PublicEncryptionKey))
        {
            return domain;
        }

        domain.Dispose();
        throw new KmsException(KmsError.CustodyMismatch, record.KmsUri);
    }

    /// <summary>Zeroes the master secrets.</summary>
    public void Dispose() => Secrets.Dispose();
}
