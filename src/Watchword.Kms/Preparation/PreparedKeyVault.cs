using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// Seals and opens key sets that are made ahead: RSK, SSK and PVT of one UID, bound to their place (<see cref="PreparedPlace"/>).
/// Under a transport key it takes both, that key and custody's, to open one: a client cannot read ahead of its time from a copy of the
/// store, and once the transport key is erased nobody can. Thread-safe.
/// </summary>
/// <param name="custody">Keeps the sealing keys; stays with the caller.</param>
public sealed class PreparedKeyVault(EnvelopeCustody custody) : IDisposable
{
    /// <summary>The purpose under which custody keeps the sealing keys.</summary>
    public const string Purpose = "prepared-keys";

    private const int ReceiverOctets = SakkeReceiverKey.SizeInBytes;
    private const int SecretOctets = EccsiSigningKey.SecretSizeInBytes;
    private const int TokenOctets = EccsiSigningKey.PublicTokenSizeInBytes;
    private const int KeyOctets = ReceiverOctets + SecretOctets + TokenOctets;

    private readonly SealerCache _sealers = new(custody, Purpose);

    /// <summary>Zeroes the sealing keys.</summary>
    public void Dispose() => _sealers.Dispose();

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(PreparedKeyVault);

    /// <summary>The sealer of a domain, which stays with the vault; its key is made at first use.</summary>
    internal ValueTask<SecretSealer> OpenAsync(string kmsUri, CancellationToken cancellationToken) =>
        _sealers.OpenAsync(kmsUri, cancellationToken);

    /// <summary>Seals a key set.</summary>
    internal static SealedKeySet Seal(
        SecretSealer sealer, DomainRecord generation, KmsKeySet keySet, byte[] holder, byte[] identity, TransportKey? transportKey)
    {
        string transportKeyId = transportKey?.Id ?? string.Empty;
        byte[] context = PreparedPlace.Context(
            generation, keySet.KeyPeriodNumber, keySet.UserUri, keySet.UserId, holder, transportKeyId);
        byte[] keys = GC.AllocateUninitializedArray<byte>(KeyOctets, pinned: true);
        try
        {
            keySet.ExportReceiverKey(keys.AsSpan(0, ReceiverOctets));
            keySet.ExportSigningSecret(keys.AsSpan(ReceiverOctets, SecretOctets));
            keySet.ExportPublicToken(keys.AsSpan(ReceiverOctets + SecretOctets));
            using SecretSealer? both = Under(sealer, transportKey);
            return new SealedKeySet(
                keySet.UserId.Octets.ToArray(), transportKeyId, holder, identity, (both ?? sealer).Seal(keys, context));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <summary>Opens a key set, which the caller disposes. Its octets are those that were sealed; what they are worth is for
    /// the caller to check.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedSecretNotOpened"/>.</exception>
    internal static KmsKeySet Open(
        SecretSealer sealer, DomainGeneration generation, long periodNumber, PreparedKey key, SealedKeySet stored,
        ReadOnlySpan<byte> holder, TransportKey? transportKey)
    {
        byte[] context = PreparedPlace.Context(
            generation.Record, periodNumber, key.Identity.Uri, key.UserId, holder, transportKey?.Id ?? string.Empty);
        byte[] keys = GC.AllocateArray<byte>(KeyOctets, pinned: true);
        try
        {
            using SecretSealer? both = Under(sealer, transportKey);
            (both ?? sealer).Open(stored.Sealed.Span, context, keys);
            return KmsKeySet.Restore(
                generation.Certificate, key.Identity.Uri, periodNumber, keys.AsSpan(0, ReceiverOctets),
                keys.AsSpan(ReceiverOctets, SecretOctets), keys.AsSpan(ReceiverOctets + SecretOctets));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    private static SecretSealer? Under(SecretSealer sealer, TransportKey? transportKey)
    {
        if (transportKey is null)
        {
            return null;
        }

        Span<byte> octets = stackalloc byte[SecurityExtensionKey.SizeInBytes];
        try
        {
            transportKey.Export(octets);
            return sealer.With(octets);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }
}
