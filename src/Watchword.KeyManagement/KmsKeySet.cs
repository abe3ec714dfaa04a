using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.KeyManagement;

/// <summary>
/// A user key set (TS 33.180 D.3): the decryption key, the signing secret and its public validation token of one user in one
/// key period, as octets that came in or are to go out. <see cref="TryValidate"/> makes usable keys of them. The octets lie in
/// pinned memory that is zeroed on dispose; buffers of the XML reader and writer that they pass through are not within reach.
/// </summary>
public sealed partial class KmsKeySet : IDisposable
{
    private readonly KeyOctets _keys;

    private KmsKeySet(string kmsUri, string userUri, UserId userId, long keyPeriodNumber, KeyOctets keys)
    {
        KmsUri = kmsUri;
        UserUri = userUri;
        UserId = userId;
        KeyPeriodNumber = keyPeriodNumber;
        _keys = keys;
    }

    /// <summary>The KMS that issued the keys.</summary>
    public string KmsUri { get; }

    /// <summary>The certificate that the keys belong to, or null.</summary>
    public string? CertUri { get; private init; }

    /// <summary>Free text naming the issuer, or null.</summary>
    public string? Issuer { get; private init; }

    /// <summary>The MC service ID or entity URI that is keyed, octet by octet.</summary>
    public string UserUri { get; }

    /// <summary>The UID as the key set states it; <see cref="TryValidate"/> compares it with the computed one.</summary>
    public UserId UserId { get; }

    /// <summary>First time of validity, or null.</summary>
    public DateTimeOffset? ValidFrom { get; private init; }

    /// <summary>Last time of validity, or null.</summary>
    public DateTimeOffset? ValidTo { get; private init; }

    /// <summary>The key period number.</summary>
    public long KeyPeriodNumber { get; }

    /// <summary>True if the keys must not be used any more.</summary>
    public bool Revoked { get; private init; }

    /// <summary>Makes the key set that a KMS gives out.</summary>
    /// <param name="certificate">The certificate of the issuing domain.</param>
    /// <param name="userUri">The identity keyed.</param>
    /// <param name="periodNumber">The key period; validity is written as its first and last second.</param>
    /// <param name="signing">The signing key issued to the UID; stays with the caller.</param>
    /// <param name="receiver">The decryption key issued to the UID; stays with the caller.</param>
    /// <exception cref="ArgumentException">The identity has no UID, the period does not exist, or a key is not of this UID
    /// and KMS.</exception>
    public static KmsKeySet Create(
        KmsCertificate certificate, string userUri, long periodNumber, EccsiSigningKey signing, SakkeReceiverKey receiver)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(signing);
        ArgumentNullException.ThrowIfNull(receiver);
        KeyPeriod period = certificate.Schedule.FromNumber(periodNumber);
        UserId userId = certificate.UserIdFor(userUri, periodNumber);
        if (!signing.Identity.SequenceEqual(userId.Octets) || !signing.Authority.Equals(certificate.PublicAuthenticationKey))
        {
            throw new ArgumentException("The signing key was issued to another UID or by another KMS.", nameof(signing));
        }

        if (!receiver.Identity.SequenceEqual(userId.Octets) || !receiver.Authority.Equals(certificate.PublicEncryptionKey))
        {
            throw new ArgumentException("The decryption key was issued to another UID or by another KMS.", nameof(receiver));
        }

        KeyOctets keys = new();
        try
        {
            receiver.Export(keys.ReceiverKey);
            signing.ExportSecret(keys.SigningSecret);
            signing.ExportPublicToken(keys.PublicToken);
        }
        catch
        {
            keys.Dispose();
            throw;
        }

        return Of(certificate, userUri, userId, period, keys);
    }

    /// <summary>Makes again a key set that was made by <see cref="Create"/> and kept as its octets. They are taken as they are,
    /// like those of a key set that is read from XML: <see cref="TryValidate"/> tells what they are worth.</summary>
    /// <param name="certificate">The certificate of the issuing domain.</param>
    /// <param name="userUri">The identity keyed.</param>
    /// <param name="periodNumber">The key period.</param>
    /// <param name="receiverKey">RSK, 257 octets; copied.</param>
    /// <param name="signingSecret">SSK, 32 octets; copied.</param>
    /// <param name="publicToken">PVT, 65 octets; copied.</param>
    /// <exception cref="ArgumentException">The identity has no UID, the period does not exist, or a length is wrong.</exception>
    public static KmsKeySet Restore(
        KmsCertificate certificate, string userUri, long periodNumber, ReadOnlySpan<byte> receiverKey,
        ReadOnlySpan<byte> signingSecret, ReadOnlySpan<byte> publicToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (receiverKey.Length != SakkeReceiverKey.SizeInBytes
            || signingSecret.Length != EccsiSigningKey.SecretSizeInBytes
            || publicToken.Length != EccsiSigningKey.PublicTokenSizeInBytes)
        {
            throw new ArgumentException("RSK, SSK and PVT have 257, 32 and 65 octets.");
        }

        KeyPeriod period = certificate.Schedule.FromNumber(periodNumber);
        UserId userId = certificate.UserIdFor(userUri, periodNumber);
        KeyOctets keys = new();
        receiverKey.CopyTo(keys.ReceiverKey);
        signingSecret.CopyTo(keys.SigningSecret);
        publicToken.CopyTo(keys.PublicToken);
        return Of(certificate, userUri, userId, period, keys);
    }

    /// <summary>Writes the decryption key (RSK, <c>UserDecryptKey</c>), 257 octets.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="InvalidOperationException"><see cref="HasEncryptedKeys"/>.</exception>
    public void ExportReceiverKey(Span<byte> destination) => Export(_keys.ReceiverKey, destination);

    /// <summary>Writes the signing secret (SSK, <c>UserSigningKeySSK</c>), 32 octets.</summary>
    /// <inheritdoc cref="ExportReceiverKey"/>
    public void ExportSigningSecret(Span<byte> destination) => Export(_keys.SigningSecret, destination);

    /// <summary>Writes the public validation token (PVT, <c>UserPubTokenPVT</c>), 65 octets.</summary>
    /// <inheritdoc cref="ExportReceiverKey"/>
    public void ExportPublicToken(Span<byte> destination) => Export(_keys.PublicToken, destination);

    /// <summary>Zeroes the keys.</summary>
    public void Dispose() => _keys.Dispose();

    /// <summary>The type name: a key set never prints its content.</summary>
    public override string ToString() => nameof(KmsKeySet);

    private static KmsKeySet Of(
        KmsCertificate certificate, string userUri, UserId userId, KeyPeriod period, KeyOctets keys) =>
        new(certificate.KmsUri, userUri, userId, period.Number, keys)
        {
            CertUri = certificate.CertUri,
            Issuer = certificate.Issuer,
            ValidFrom = period.Start,
            ValidTo = period.End.AddSeconds(-1),
        };

    private void Export(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_keys.IsDisposed, this);
        if (HasEncryptedKeys)
        {
            throw new InvalidOperationException("The keys of this key set are wrapped for a transport key (TS 33.180 D.3).");
        }

        if (destination.Length != key.Length)
        {
            throw new ArgumentException($"The destination must have {key.Length} octets.", nameof(destination));
        }

        key.CopyTo(destination);
    }

    /// <summary>The three keys, in one piece of pinned memory.</summary>
    private sealed class KeyOctets : IDisposable
    {
        private const int SecretAt = SakkeReceiverKey.SizeInBytes;
        private const int TokenAt = SecretAt + EccsiSigningKey.SecretSizeInBytes;

        private readonly byte[] _octets;

        /// <param name="holds">False for a key set that only has its keys wrapped.</param>
        public KeyOctets(bool holds = true) => _octets = holds
            ? GC.AllocateArray<byte>(TokenAt + EccsiSigningKey.PublicTokenSizeInBytes, pinned: true)
            : [];

        public Span<byte> ReceiverKey => Part(0, SakkeReceiverKey.SizeInBytes);

        public Span<byte> SigningSecret => Part(SecretAt, EccsiSigningKey.SecretSizeInBytes);

        public Span<byte> PublicToken => Part(TokenAt, EccsiSigningKey.PublicTokenSizeInBytes);

        public bool IsDisposed { get; private set; }

        public void Dispose()
        {
            IsDisposed = true;
            CryptographicOperations.ZeroMemory(_octets);
        }

        private Span<byte> Part(int start, int length) => _octets.Length == 0 ? [] : _octets.AsSpan(start, length);
    }
}
