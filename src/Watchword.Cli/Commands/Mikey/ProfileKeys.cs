using System.Security.Cryptography;
using Watchword.Client;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>
/// Makes messages of every purpose, in every form, with the KMS certificates and key sets of a profile. It keeps nothing:
/// what was made is the caller's.
/// </summary>
internal sealed class ProfileKeys(KeyStore store, DateTimeOffset now)
{
    /// <summary>
    /// The identity that a distribution is made under: the one named, else the entity's URI, else the first of the user's.
    /// </summary>
    public string Initiator(string? named)
    {
        ClientIdentity identity = store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        string? chosen = named ?? identity.EntityUri ?? (identity.Uris.Count > 0 ? identity.Uris[0] : null);
        return chosen is not null && identity.Owns(chosen)
            ? chosen
            : throw new WatchwordClientException(ClientFault.IdentityNotOwned, chosen);
    }

    /// <summary>
    /// Makes the messages that hand one key to some receivers, signed with the key set of the period that holds now.
    /// </summary>
    public byte[][] Create(
        KeyDistribution distribution,
        MikeyKey key,
        string initiator,
        IReadOnlyList<string> receivers,
        string? receiverKms,
        KeyMessageOptions options)
    {
        KmsCertificate home = store.RootCertificate ?? throw new WatchwordClientException(ClientFault.NotInitialized);
        KmsCertificate domain = Usable(home.IsUsableAt(now) ? [home] : [], home.KmsUri);
        KmsCertificate receiverDomain = receiverKms is null || receiverKms == home.KmsUri
            ? domain
            : Usable(Of(receiverKms), receiverKms);
        using EccsiSigningKey signing = SigningKey(initiator, domain);
        MikeySender sender = new()
        {
            SigningKey = signing, Uri = initiator, KmsUri = domain.KmsUri, Domain = domain.PublicEncryptionKey,
        };
        MikeyRecipient[] recipients =
        [
            .. receivers.Select(uri => new MikeyRecipient(
                uri,
                receiverDomain.KmsUri,
                receiverDomain.PublicEncryptionKey,
                receiverDomain.UserIdFor(uri, receiverDomain.PeriodAt(now).Number).Octets.ToArray())),
        ];
        return KeyMessage.CreateAll(distribution, key, sender, recipients, now, options);
    }

    private EccsiSigningKey SigningKey(string initiator, KmsCertificate domain)
    {
        long period = domain.PeriodAt(now).Number;
        KeySetInfo? info = Find(initiator, period, domain);
        return (info is null ? null : Unlock(info, domain))
            ?? throw new WatchwordClientException(ClientFault.NoUsableKeySet, $"{initiator}, period {Printable.Number(period)}");
    }

    private KeySetInfo? Find(string uri, long period, KmsCertificate certificate) => store.KeySets.LastOrDefault(set =>
        set.UserUri == uri && set.Period.Number == period && set.KmsUri == certificate.KmsUri
        && set.UserId.Equals(certificate.UserIdFor(uri, period)));

    private EccsiSigningKey? Unlock(KeySetInfo info, KmsCertificate certificate)
    {
        byte[] ssk = GC.AllocateArray<byte>(EccsiSigningKey.SecretSizeInBytes, pinned: true);
        byte[] rsk = GC.AllocateArray<byte>(SakkeReceiverKey.SizeInBytes, pinned: true);
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        try
        {
            store.ExportKeys(info, ssk, pvt, rsk);
            return EccsiSigningKey.TryImport(certificate.PublicAuthenticationKey, info.UserId.Octets, ssk, pvt, out var key)
                ? key
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ssk);
            CryptographicOperations.ZeroMemory(rsk);
        }
    }

    private IEnumerable<KmsCertificate> Of(string kmsUri) =>
        store.Certificates.Concat(store.PartnerCertificates).Reverse().Where(
            c => string.Equals(c.KmsUri, kmsUri, StringComparison.Ordinal));

    private KmsCertificate Usable(IEnumerable<KmsCertificate> certificates, string kmsUri)
    {
        KmsCertificate[] all = [.. certificates];
        return Array.Find(all, c => c.IsUsableAt(now)) ?? throw new WatchwordClientException(
            all.Length > 0 || kmsUri == store.KmsUri ? ClientFault.KmsCertificateUnusable : ClientFault.DomainUnknown, kmsUri);
    }
}
