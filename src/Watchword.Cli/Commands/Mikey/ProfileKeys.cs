using System.Security.Cryptography;
using Watchword.Client;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>
/// Makes and opens messages of every purpose with the KMS certificates and key sets of a profile. It keeps nothing: what
/// was made or
/// opened is the caller's.
/// </summary>
internal sealed class ProfileKeys(KeyStore store, DateTimeOffset now)
{
    private static readonly TimeSpan BoundaryTolerance = MikeyReplayCache.DefaultFreshnessWindow;

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

    /// <summary>Opens a message for an identity of the profile. The key in the result is the caller's to dispose.</summary>
    /// <param name="message">The octets.</param>
    /// <param name="expected">What the profile takes.</param>
    /// <param name="clock">The clock that freshness is held against.</param>
    /// <param name="ofSelf">Whether the profile made the message itself, so that SAKKE-to-self is opened.</param>
    /// <param name="tolerances">Departures of peers to accept.</param>
    public KeyOpening Open(
        ReadOnlySpan<byte> message,
        IReadOnlyList<KeyDistribution> expected,
        TimeProvider clock,
        bool ofSelf,
        MikeyTolerances tolerances)
    {
        MikeyMessage parsed = MikeyMessage.Parse(message, tolerances);
        string owner = Owner(parsed, ofSelf);
        List<SakkeReceiverKey> unlocked = [];
        try
        {
            return KeyMessage.Open(message, new KeyReceiver
            {
                Uri = owner,
                Expects = expected,
                IsDomainAllowed = claims => string.Equals(
                    ofSelf ? claims.InitiatorKmsUri : claims.ReceiverKmsUri, store.KmsUri, StringComparison.Ordinal),
                ResolveInitiator = Resolve,
                FindReceiverKeys = claims => Receiving(owner, claims.Time, unlocked),
                ReplayCache = new MikeyReplayCache(clock),
                Tolerances = tolerances,
                AcceptsHiddenIdentities = true,
                OpensOwnMessages = ofSelf,
            });
        }
        finally
        {
            unlocked.ForEach(key => key.Dispose());
        }
    }

    private string Owner(MikeyMessage message, bool ofSelf)
    {
        ClientIdentity identity = store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        string? named = message.FindIdentity(ofSelf ? MikeyIdentityRole.Initiator : MikeyIdentityRole.Responder)?.Text;
        MikeyIdentityRole hidden = ofSelf ? MikeyIdentityRole.InitiatorUid : MikeyIdentityRole.ResponderUid;
        ReadOnlyMemory<byte>? uid = message.FindIdentity(hidden)?.Octets;
        string? owner = named ?? store.KeySets
            .FirstOrDefault(set => uid is { } octets && set.UserId.Octets.SequenceEqual(octets.Span))?.UserUri;
        return owner is not null && identity.Owns(owner)
            ? owner
            : throw new WatchwordClientException(ClientFault.MessageNotForUs);
    }

    private InitiatorResolution Resolve(KeyClaims claims)
    {
        KmsCertificate[] known = [.. Of(claims.InitiatorKmsUri)];
        if (known.Length == 0)
        {
            return InitiatorResolution.DomainUnknown;
        }

        KmsCertificate[] usable = [.. known.Where(c => c.IsUsableAt(claims.Time) && !c.Revoked)];
        return usable.Length == 0
            ? known.Any(c => c.Revoked) ? InitiatorResolution.DomainRevoked : InitiatorResolution.DomainNotValid
            : InitiatorResolution.Of(
            [
                .. from certificate in usable
                   from period in PeriodsOf(certificate, claims.Time)
                   select new InitiatorKey(
                       certificate.PublicAuthenticationKey,
                       claims.InitiatorUid ?? certificate.UserIdFor(claims.InitiatorUri!, period).Octets.ToArray()),
            ]);
    }

    private List<ReceiverKey> Receiving(string owner, DateTimeOffset time, List<SakkeReceiverKey> unlocked)
    {
        unlocked.AddRange(
            from certificate in Of(store.KmsUri!)
            where certificate.IsUsableAt(time)
            from period in PeriodsOf(certificate, time)
            let info = Find(owner, period, certificate)
            let key = info is null ? null : UnlockReceiver(info, certificate)
            where key is not null
            select key);
        return [.. unlocked.Select(key => new ReceiverKey(key, key.Identity.ToArray()))];
    }

    private EccsiSigningKey SigningKey(string initiator, KmsCertificate domain)
    {
        long period = domain.PeriodAt(now).Number;
        KeySetInfo? info = Find(initiator, period, domain);
        return (info is null ? null : UnlockSigner(info, domain))
            ?? throw new WatchwordClientException(ClientFault.NoUsableKeySet, $"{initiator}, period {Printable.Number(period)}");
    }

    private KeySetInfo? Find(string uri, long period, KmsCertificate certificate) => store.KeySets.LastOrDefault(set =>
        set.UserUri == uri && set.Period.Number == period && set.KmsUri == certificate.KmsUri
        && set.UserId.Equals(certificate.UserIdFor(uri, period)));

    private SakkeReceiverKey? UnlockReceiver(KeySetInfo info, KmsCertificate certificate) => Unlock(info, (_, _, rsk) =>
        SakkeReceiverKey.TryImport(certificate.PublicEncryptionKey, info.UserId.Octets, rsk, out SakkeReceiverKey? key)
            ? key
            : null);

    private EccsiSigningKey? UnlockSigner(KeySetInfo info, KmsCertificate certificate) => Unlock(info, (ssk, pvt, _) =>
        EccsiSigningKey.TryImport(certificate.PublicAuthenticationKey, info.UserId.Octets, ssk, pvt, out EccsiSigningKey? key)
            ? key
            : null);

    private T? Unlock<T>(KeySetInfo info, Func<byte[], byte[], byte[], T?> import)
        where T : class
    {
        byte[] ssk = GC.AllocateArray<byte>(EccsiSigningKey.SecretSizeInBytes, pinned: true);
        byte[] rsk = GC.AllocateArray<byte>(SakkeReceiverKey.SizeInBytes, pinned: true);
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        try
        {
            store.ExportKeys(info, ssk, pvt, rsk);
            return import(ssk, pvt, rsk);
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

    // The period of T, and its neighbour if T is near enough to that.
    private static IEnumerable<long> PeriodsOf(KmsCertificate certificate, DateTimeOffset time)
    {
        KeyPeriod period = certificate.PeriodAt(time);
        yield return period.Number;
        if (time - period.Start <= BoundaryTolerance && period.Number > 0)
        {
            yield return period.Number - 1;
        }

        if (period.End - time <= BoundaryTolerance)
        {
            yield return period.Number + 1;
        }
    }
}
