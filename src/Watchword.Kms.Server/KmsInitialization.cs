using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Commands;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server;

/// <summary>The acts of an operator on a data directory while no server runs on it.</summary>
public static class KmsInitialization
{
    /// <summary>Creates the security domain: master secrets into custody, public facts and first audit record into the
    /// store.</summary>
    /// <exception cref="KmsException">There is a domain already, or the key-encryption key cannot be had, or the options have
    /// faults.</exception>
    public static async Task<DomainRecord> CreateDomainAsync(
        KmsInitializationOptions options, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        TimeProvider clock = time ?? TimeProvider.System;
        DomainDescription description = options.Validate();
        DataDirectory data = new(options.DataDirectory);
        StoreSettings settings = StoreSettings.Check(options.Store, data);
        data.Create();
        if (options.CreateKeyEncryptionKey && options.KeyEncryptionKeyFile is { } file && !File.Exists(file))
        {
            KeyEncryptionKeySource.CreateKeyFile(file);
        }

        using KmsStore store = await KmsStore.CreateAsync(settings.Database(), clock, cancellationToken);
        if (await store.FindGenerationsAsync(cancellationToken) is [{ } existing, ..])
        {
            // One more domain is asked for by name: a mistyped directory must not give one to somebody else's installation.
            if (!options.AddToInstallation)
            {
                throw new KmsException(KmsError.DomainExists, existing.KmsUri);
            }

            if (existing.IsLabData != description.IsLabData)
            {
                throw new KmsException(KmsError.LabData, existing.KmsUri);
            }
        }

        using EnvelopeCustody custody = await CustodySetup.OpenAsync(
            options.EffectiveCustody, data, settings, store, cancellationToken);
        DomainRecord created = await SecurityDomain.CreateAsync(description, store, custody, clock, cancellationToken);
        await CreateKeysAsync(created, custody, cancellationToken);
        return created;
    }

    /// <summary>What would be made at first use otherwise: by each node for itself, after the custody files were copied to all,
    /// and
    /// then no node could open what another has sealed.</summary>
    private static async Task CreateKeysAsync(
        DomainRecord domain, EnvelopeCustody custody, CancellationToken cancellationToken)
    {
        (await custody.OpenSealerAsync(domain.KmsUri, TransportKeyVault.Purpose, cancellationToken)).Dispose();
        (await custody.OpenSealerAsync(domain.KmsUri, PreparedKeyVault.Purpose, cancellationToken)).Dispose();
        (await custody.OpenAuditSigningKeyAsync(cancellationToken)).Dispose();
    }

    /// <summary>Verifies the audit log of a data directory.</summary>
    /// <param name="args">Configuration by command line: <c>--Kms:DataDirectory</c>, <c>--Kms:Store:...</c>; <c>--key FILE</c>
    /// names the
    /// public keys (PEM) that must have signed its checkpoints, else they are those that the store names.</param>
    /// <returns>What was found, and whose keys the checkpoints were verified with.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AuditBroken"/> with the first fault.</exception>
    public static async Task<(AuditVerification Found, string Keys)> VerifyAuditAsync(string[] args)
    {
        IConfiguration configuration = KmsInitializationOptions.Configuration(args);
        string directory = configuration["Kms:DataDirectory"]
            ?? throw new KmsException(KmsError.ConfigurationInvalid, "Kms:DataDirectory is missing");
        DataDirectory data = new(directory);
        StoreSettings settings = StoreSettings.Check(StoreSettings.Bind(configuration), data);
        using KmsStore store = await KmsStore.OpenAsync(settings.Database(), TimeProvider.System);
        IReadOnlyList<AuditPublicKey>? trusted = configuration["key"] is { Length: > 0 } file ? AuditKeyFile.Read(file) : null;

        // Before the log: what is written meanwhile only comes behind it.
        AuditCheckpoint? last = await store.FindLastCheckpointAsync();
        IReadOnlyList<AuditPublicKey> keys = trusted ?? await store.FindAuditKeysAsync();
        SignedAuditHead? kept = new AuditHeadFile(AuditSettings.PathOf(configuration["Kms:Audit:HeadFile"], data)).Read();
        bool isForeign = kept is not null && keys.Count > 0 && !kept.IsSignedBy(keys);
        AuditHead? expected = last is null ? null : new AuditHead(last.Sequence, last.Hash, last.Time);
        AuditVerification verification = await AuditChain.VerifyAsync(
            store.ReadAuditAsync(),
            kept is not null && !isForeign && !(expected?.Sequence > kept.Head.Sequence) ? kept.Head : expected,
            keys);
        if (verification.IsValid && isForeign)
        {
            throw new KmsException(KmsError.AuditHeadMismatch, "the head that is kept is not signed by the audit key");
        }

        return verification.IsValid
            ? (verification, trusted is null ? "keys that the store itself names" : "the key given")
            : throw new KmsException(KmsError.AuditBroken, $"{verification.Fault} at record {verification.BrokenAt}");
    }
}
