using System.Security.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// A security domain that is open for issuing: all its generations, the master secrets of those from which keys may come. Comes
/// into being by <see cref="CreateAsync"/> only, an explicit act; a start only ever opens one.
/// </summary>
public sealed class SecurityDomain : IDisposable
{
    private const string CreationCorrelationId = "init-domain";

    /// <summary>Open secrets by the generation that they are named after.</summary>
    private readonly Dictionary<int, OpenSecrets> _secrets = [];

    private volatile DomainGenerations _generations;

    internal SecurityDomain(string kmsUri, DomainGenerations? generations = null)
    {
        KmsUri = kmsUri;
        _generations = generations ?? new DomainGenerations([]);
    }

    /// <summary>The KMS URI.</summary>
    public string KmsUri { get; }

    /// <summary>All generations, as they were when the store was last asked.</summary>
    public DomainGenerations Generations => _generations;

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

        DateTimeOffset now = time.GetStoreTime();
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
        AuditEntry entry = description.CreatedBy.ToEntry(
            AuditKind.Custody, record.KmsUri, record.Generation, CreationCorrelationId);
        await store.CreateDomainAsync(record, entry, cancellationToken).ConfigureAwait(false);
        return record;
    }

    /// <summary>Opens a domain that the store knows.</summary>
    /// <param name="store">The store.</param>
    /// <param name="custody">Where its master secrets are.</param>
    /// <param name="kmsUri">The domain; null for the only one of the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException">There is none, or several and none was named; or the secrets of an active generation do not
    /// open, or are not those of its public keys.</exception>
    public static async Task<SecurityDomain> OpenAsync(
        IDomainStore store, IMasterSecretCustody custody, string? kmsUri = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> records = kmsUri is null
            ? await store.FindGenerationsAsync(cancellationToken).ConfigureAwait(false)
            : await store.FindGenerationsAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        if (records.Count == 0)
        {
            throw new KmsException(KmsError.NoDomain, kmsUri);
        }

        return records.Any(record => record.KmsUri != records[0].KmsUri)
            ? throw new KmsException(KmsError.DomainNotChosen)
            : await OpenAsync(records, custody, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a domain of all its records.</summary>
    internal static async Task<SecurityDomain> OpenAsync(
        IReadOnlyList<DomainRecord> records, IMasterSecretCustody custody, CancellationToken cancellationToken)
    {
        SecurityDomain domain = new(records[0].KmsUri);
        try
        {
            await domain.UpdateAsync(records, custody, cancellationToken).ConfigureAwait(false);

            // A prepared one that does not open yet is told and keeps nobody from his keys.
            return domain.Generations.All.FirstOrDefault(
                generation => generation is { State: GenerationState.Active, Fault: not null }) is { Fault: { } fault }
                ? throw fault
                : domain;
        }
        catch
        {
            domain.Dispose();
            throw;
        }
    }

    /// <summary>Takes over what the store says now. Not to be called twice at a time.</summary>
    internal async Task UpdateAsync(
        IReadOnlyList<DomainRecord> records, IMasterSecretCustody custody, CancellationToken cancellationToken)
    {
        List<DomainGeneration> generations = [];
        foreach (DomainRecord record in records)
        {
            generations.Add(await OpenAsync(record, custody, cancellationToken).ConfigureAwait(false));
        }

        _generations = new DomainGenerations(generations);
        foreach (int closed in _secrets.Keys.Except(records.Where(MayIssue).Select(record => record.SecretsGeneration)).ToArray())
        {
            _secrets.Remove(closed, out OpenSecrets? secrets);
            secrets?.Dispose();
        }
    }

    /// <summary>Zeroes the master secrets, once nobody issues with them any more.</summary>
    public void Dispose()
    {
        foreach (OpenSecrets secrets in _secrets.Values)
        {
            secrets.Dispose();
        }
    }

    private static bool MayIssue(DomainRecord record) => record.State is GenerationState.Prepared or GenerationState.Active;

    private async Task<DomainGeneration> OpenAsync(
        DomainRecord record, IMasterSecretCustody custody, CancellationToken cancellationToken)
    {
        KmsCertificate certificate;
        try
        {
            certificate = record.ToCertificate();
        }
        catch (CryptographicException fault)
        {
            throw new KmsException(KmsError.CustodyMismatch, Name(record), fault);
        }

        if (!MayIssue(record))
        {
            return new DomainGeneration(record, certificate, secrets: null, fault: null);
        }

        try
        {
            OpenSecrets secrets = await OpenSecretsOfAsync(record, custody, cancellationToken).ConfigureAwait(false);
            return secrets.Secrets.Eccsi.PublicKey.Equals(certificate.PublicAuthenticationKey)
                && secrets.Secrets.Sakke.PublicKey.Equals(certificate.PublicEncryptionKey)
                    ? new DomainGeneration(record, certificate, secrets, fault: null)
                    : throw new KmsException(KmsError.CustodyMismatch, Name(record));
        }
        catch (KmsException fault)
        {
            return new DomainGeneration(record, certificate, secrets: null, fault);
        }
    }

    private async Task<OpenSecrets> OpenSecretsOfAsync(
        DomainRecord record, IMasterSecretCustody custody, CancellationToken cancellationToken)
    {
        if (!_secrets.TryGetValue(record.SecretsGeneration, out OpenSecrets? secrets))
        {
            secrets = new OpenSecrets(
                await custody.OpenAsync(record.KmsUri, record.SecretsGeneration, cancellationToken).ConfigureAwait(false));
            _secrets.Add(record.SecretsGeneration, secrets);
        }

        return secrets;
    }

    private static string Name(DomainRecord record) => $"{record.KmsUri}, generation {record.Generation}";
}
