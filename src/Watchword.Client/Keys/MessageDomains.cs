using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>
/// Gives the opener of messages what a profile holds (TS 33.180 5.2.7): each generation of both domains' keys, and beside the key
/// period of the message's time T its neighbour where T is near a boundary.
/// </summary>
internal sealed class MessageDomains
{
    private readonly KeyStore _store;
    private readonly IReadOnlyList<StoredCertificate> _homes;

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.NotInitialized"/>.</exception>
    public MessageDomains(KeyStore store)
    {
        _store = store;
        _homes = store.Roots;
        if (_homes.Count == 0)
        {
            throw new WatchwordClientException(ClientFault.NotInitialized);
        }
    }

    /// <summary>Whether this profile has its keys from that KMS.</summary>
    public bool IsHome(string kmsUri) => _homes.Any(home => IsOf(home, kmsUri));

    /// <summary>Who can have signed, by the certificates of the home domain or of a partner's.</summary>
    public InitiatorResolution Resolve(KeyClaims claims)
    {
        IReadOnlyList<StoredCertificate> known = Of(claims.InitiatorKmsUri);
        if (known.Count == 0)
        {
            return InitiatorResolution.DomainUnknown;
        }

        if (known.All(c => c.Certificate.Revoked))
        {
            return InitiatorResolution.DomainRevoked;
        }

        if (known.All(c => !c.Certificate.IsUsableAt(claims.Time)))
        {
            return InitiatorResolution.DomainNotValid;
        }

        // One who is hidden is verified under the UID that the message names.
        return InitiatorResolution.Of(claims.InitiatorUid is { } uid
            ? [.. known.Where(c => c.Certificate.IsUsableAt(claims.Time)).Select(c => KeyOf(c.Certificate, uid))]
            : [.. UidsOf(claims.InitiatorUri!, known, claims.Time).Select(u => KeyOf(u.Certificate, u.Uid))]);
    }

    /// <summary>The receiver's own keys, imported; the caller disposes what is added to <paramref name="unlocked"/>.</summary>
    public IReadOnlyList<ReceiverKey> FindKeys(
        string uri, string kmsUri, DateTimeOffset messageTime, List<UnlockedKeySet> unlocked)
    {
        unlocked.AddRange(_homes.Where(home => IsOf(home, kmsUri))
            .SelectMany(home => PeriodsOf(home.Certificate, messageTime).Select(period => _store.Unlock(uri, period, home)))
            .OfType<UnlockedKeySet>());
        return [.. unlocked.Select(keys => new ReceiverKey(keys.ReceiverKey, keys.Info.UserId.Octets.ToArray()))];
    }

    /// <summary>
    /// Whether the initiator, whom the message hid behind a UID, is the one of this URI (TS 33.180 5.2.6, last step).
    /// </summary>
    public bool Confirm(KeyOpening opening, string initiatorUri) =>
        UidsOf(initiatorUri, Of(opening.Claims!.InitiatorKmsUri), opening.Claims.Time)
            .Any(u => opening.ConfirmInitiator(initiatorUri, u.Uid));

    private static InitiatorKey KeyOf(KmsCertificate certificate, ReadOnlyMemory<byte> uid) =>
        new(certificate.PublicAuthenticationKey, uid);

    private IReadOnlyList<StoredCertificate> Of(string kmsUri) =>
        IsHome(kmsUri) ? [.. _homes.Where(home => IsOf(home, kmsUri))] : _store.CertificatesOf(kmsUri);

    private static IEnumerable<(KmsCertificate Certificate, byte[] Uid)> UidsOf(
        string uri, IReadOnlyList<StoredCertificate> known, DateTimeOffset messageTime) =>
        from stored in known
        from period in PeriodsOf(stored.Certificate, messageTime)
        select (stored.Certificate, stored.Certificate.UserIdFor(uri, period).Octets.ToArray());

    private static bool IsOf(StoredCertificate certificate, string kmsUri) =>
        string.Equals(certificate.Certificate.KmsUri, kmsUri, StringComparison.Ordinal);

    /// <summary>
    /// The period of T, and its neighbour if T is near enough to that; none if the certificate is not usable at T.
    /// </summary>
    private static IEnumerable<long> PeriodsOf(KmsCertificate certificate, DateTimeOffset messageTime)
    {
        if (!certificate.IsUsableAt(messageTime))
        {
            yield break;
        }

        KeyPeriod period = certificate.PeriodAt(messageTime);
        yield return period.Number;
        if (messageTime - period.Start <= PrivateCall.BoundaryTolerance && period.Number > 0)
        {
            yield return period.Number - 1;
        }

        if (period.End - messageTime <= PrivateCall.BoundaryTolerance)
        {
            yield return period.Number + 1;
        }
    }
}
