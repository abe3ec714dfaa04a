using System.Buffers.Binary;
using System.Security.Cryptography;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>
/// Hands a private call key to another user, and takes one, with the keys of a profile (TS 33.180 5.6, E.3). UIDs are computed
/// from the
/// KMS certificate and the key period that holds the message's time T (F.2.1).
/// </summary>
/// <param name="store">The profile.</param>
/// <param name="time">The clock.</param>
/// <param name="tolerances">Departures of deployed peers to accept; none unless set.</param>
public sealed class PrivateCall(KeyStore store, TimeProvider time, MikeyTolerances tolerances = MikeyTolerances.None)
{
    /// <summary>
    /// How near to the boundary of a key period a message is also tried with the period beyond it: a peer that took its own clock
    /// instead of T for the UID is off by no more than the freshness window.
    /// </summary>
    public static readonly TimeSpan BoundaryTolerance = MikeyReplayCache.DefaultFreshnessWindow;

    /// <summary>
    /// Makes a PCK for another user, of the home security domain or of a partner's, and the message that carries it.
    /// </summary>
    /// <param name="receiverUri">His MC service ID, octet by octet as provisioned.</param>
    /// <param name="service">MCPTT or MCVideo: which identity of the profile calls, and whose crypto sessions.</param>
    /// <param name="receiverKmsUri">
    /// The KMS that serves him; null to take what the store knows of his domain, and where it knows nothing the home domain.
    /// <see cref="KmClient.FindDomainAsync"/> asks the home KMS.
    /// </param>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.NotInitialized"/>, <see cref="ClientFault.KmsCertificateUnusable"/>, <see cref="ClientFault.NoUsableKeySet"/>,
    /// <see cref="ClientFault.IdentityNotOwned"/>, <see cref="ClientFault.UriMalformed"/>, <see cref="ClientFault.DomainUnknown"/>.
    /// </exception>
    public PrivateCallKeys Create(string receiverUri, McService service = McService.Mcptt, string? receiverKmsUri = null)
    {
        RequirePrivateCallService(service);
        if (!McServiceId.IsValid(receiverUri))
        {
            throw new WatchwordClientException(ClientFault.UriMalformed, "receiver");
        }

        string initiatorUri = RequireIdentity().For(service) ?? throw new WatchwordClientException(ClientFault.IdentityNotOwned, $"no {service} ID");
        DateTimeOffset now = time.GetUtcNow();
        StoredCertificate root = store.RootAt(now)
            ?? throw new WatchwordClientException(store.Root is null ? ClientFault.NotInitialized : ClientFault.KmsCertificateUnusable);
        KmsCertificate domain = root.Certificate;
        KmsCertificate receiverDomain = ReceiverDomain.Find(store, receiverUri, receiverKmsUri, domain, now);
        long period = domain.PeriodAt(now).Number;
        using UnlockedKeySet keys = store.Unlock(initiatorUri, period, root)
            ?? throw new WatchwordClientException(ClientFault.NoUsableKeySet, $"{initiatorUri}, period {period}");
        MikeyKey key = MikeyKey.Generate(KeyPurpose.Pck);
        try
        {
            byte[] message = KeyMessage.Create(
                KeyDistribution.Pck,
                key,
                new MikeySender { SigningKey = keys.SigningKey, Uri = initiatorUri, KmsUri = domain.KmsUri },
                new MikeyRecipient(
                    receiverUri,
                    receiverDomain.KmsUri,
                    receiverDomain.PublicEncryptionKey,
                    receiverDomain.UserIdFor(receiverUri, receiverDomain.PeriodAt(now).Number).Octets.ToArray()),
                now);
            return new PrivateCallKeys(message, key, service, initiatorUri, receiverUri, now);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a message that came: addressee, freshness, replay, signature, key. A message opens once for a profile.
    /// </summary>
    /// <param name="message">The octets as received.</param>
    /// <param name="service">Whose crypto sessions; null to take the service of the identity that the message is for.</param>
    /// <exception cref="WatchwordClientException">Faults of block 54xx.</exception>
    public PrivateCallKeys Open(ReadOnlySpan<byte> message, McService? service = null)
    {
        if (service is not null)
        {
            RequirePrivateCallService(service.Value);
        }

        string receiverUri = FindReceiver(message);
        KeyOpening opening = OpenWithAnyPeriod(message, receiverUri);
        MikeyKey key = opening.IsOpened ? opening.Key : throw Refuse(opening);
        if (!store.TryNoteOpened(Digest(opening), opening.Claims!.Time + MikeyReplayCache.DefaultFreshnessWindow))
        {
            key.Dispose();
            throw new WatchwordClientException(ClientFault.MessageReplayed);
        }

        return new PrivateCallKeys(
            message.ToArray(), key, service ?? ServiceOf(receiverUri), opening.Initiator!.Uri!, receiverUri, opening.Claims.Time);
    }

    private ClientIdentity RequireIdentity() => store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);

    private string FindReceiver(ReadOnlySpan<byte> octets)
    {
        ClientIdentity identity = RequireIdentity();
        string? receiver = Parse(octets).FindIdentity(MikeyIdentityRole.Responder)?.Text;
        return receiver is not null && identity.Owns(receiver)
            ? receiver
            : throw new WatchwordClientException(ClientFault.MessageNotForUs, receiver is null ? "the receiver is hidden" : null);
    }

    private MikeyMessage Parse(ReadOnlySpan<byte> octets)
    {
        try
        {
            return MikeyMessage.Parse(octets, tolerances);
        }
        catch (MikeyFormatException e)
        {
            throw new WatchwordClientException(ClientFault.MessageMalformed, $"{e.Reason} at octet {e.Offset}", inner: e);
        }
    }

    // MCVideo only where the identity is not the MCPTT ID too: equal MC service IDs are one identity (TS 23.280 10.1.4.1).
    private McService ServiceOf(string receiverUri)
    {
        ClientIdentity identity = RequireIdentity();
        bool isVideo = identity.ServiceIds.TryGetValue(McService.McVideo, out string? video) && string.Equals(video, receiverUri, StringComparison.Ordinal);
        bool isMcptt = identity.ServiceIds.TryGetValue(McService.Mcptt, out string? mcptt) && string.Equals(mcptt, receiverUri, StringComparison.Ordinal);
        return isVideo && !isMcptt ? McService.McVideo : McService.Mcptt;
    }

    /// <summary>
    /// Gives the opener each generation of both domains' keys (5.2.7), and beside the period of T its neighbour where T is near a boundary.
    /// </summary>
    private KeyOpening OpenWithAnyPeriod(ReadOnlySpan<byte> message, string receiverUri)
    {
        IReadOnlyList<StoredCertificate> homes = store.Roots;
        if (homes.Count == 0)
        {
            throw new WatchwordClientException(ClientFault.NotInitialized);
        }

        List<UnlockedKeySet> unlocked = [];
        try
        {
            return KeyMessage.Open(message, new KeyReceiver
            {
                Uri = receiverUri,
                Expects = [KeyDistribution.Pck],
                IsDomainAllowed = claims => homes.Any(home => IsOf(home, claims.ReceiverKmsUri)),
                ResolveInitiator = claims => Resolve(claims, homes),
                FindReceiverKeys = claims => FindKeys(
                    receiverUri, homes.Where(home => IsOf(home, claims.ReceiverKmsUri)), claims.Time, unlocked),
                // One cache for each opening: what was opened is noted on disk, where other processes see it.
                ReplayCache = new MikeyReplayCache(time),
                Tolerances = tolerances,
            });
        }
        finally
        {
            unlocked.ForEach(k => k.Dispose());
        }
    }

    private InitiatorResolution Resolve(KeyClaims claims, IReadOnlyList<StoredCertificate> homes)
    {
        bool isHome = homes.Any(home => IsOf(home, claims.InitiatorKmsUri));
        IReadOnlyList<StoredCertificate> known = isHome
            ? [.. homes.Where(home => IsOf(home, claims.InitiatorKmsUri))]
            : store.CertificatesOf(claims.InitiatorKmsUri);
        if (known.Count == 0)
        {
            return InitiatorResolution.DomainUnknown;
        }

        if (!isHome && known.All(c => !c.Certificate.IsUsableAt(time.GetUtcNow())))
        {
            return InitiatorResolution.DomainNotValid;
        }

        return InitiatorResolution.Of(
        [
            .. from certificate in known
               from period in PeriodsOf(certificate, claims.Time)
               select new InitiatorKey(
                   certificate.Certificate.PublicAuthenticationKey,
                   certificate.Certificate.UserIdFor(claims.InitiatorUri!, period).Octets.ToArray()),
        ]);
    }

    private List<ReceiverKey> FindKeys(
        string uri, IEnumerable<StoredCertificate> homes, DateTimeOffset messageTime, List<UnlockedKeySet> unlocked)
    {
        unlocked.AddRange(homes
            .SelectMany(home => PeriodsOf(home, messageTime).Select(period => store.Unlock(uri, period, home)))
            .OfType<UnlockedKeySet>());
        return [.. unlocked.Select(keys => new ReceiverKey(keys.ReceiverKey, keys.Info.UserId.Octets.ToArray()))];
    }

    private static bool IsOf(StoredCertificate certificate, string kmsUri) =>
        string.Equals(certificate.Certificate.KmsUri, kmsUri, StringComparison.Ordinal);

    /// <summary>
    /// The period of T, and its neighbour if T is near enough to that; none if the certificate is not usable at T.
    /// </summary>
    private static IEnumerable<long> PeriodsOf(StoredCertificate certificate, DateTimeOffset messageTime)
    {
        if (!certificate.Certificate.IsUsableAt(messageTime))
        {
            yield break;
        }

        KeyPeriod period = certificate.Certificate.PeriodAt(messageTime);
        yield return period.Number;
        if (messageTime - period.Start <= BoundaryTolerance && period.Number > 0)
        {
            yield return period.Number - 1;
        }

        if (period.End - messageTime <= BoundaryTolerance)
        {
            yield return period.Number + 1;
        }
    }

    private static void RequirePrivateCallService(McService service)
    {
        if (service is not (McService.Mcptt or McService.McVideo))
        {
            throw new ArgumentOutOfRangeException(nameof(service), "Private calls are of MCPTT or MCVideo.");
        }
    }

    /// <summary>What a replay would repeat: initiator UID, CSB ID, T and RAND (RFC 3830 §5.4).</summary>
    private static byte[] Digest(KeyOpening opening)
    {
        byte[] numbers = new byte[sizeof(uint) + sizeof(ulong)];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, opening.Claims!.CsbId);
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(sizeof(uint)), opening.Claims.Time.UtcTicks);
        return SHA256.HashData([.. opening.Initiator!.Uid.Span, .. numbers, .. opening.Key!.Random.Span]);
    }

    private static WatchwordClientException Refuse(KeyOpening opening) => opening.Result switch
    {
        KeyOpenResult.Malformed => new WatchwordClientException(ClientFault.MessageMalformed, $"{opening.FormatReason} at octet {opening.FormatOffset}"),
        KeyOpenResult.UnsupportedTimestamp or KeyOpenResult.UnsupportedMap or KeyOpenResult.UnsupportedPolicy
            or KeyOpenResult.IdentifierMismatch or KeyOpenResult.ParametersNotValid =>
            new WatchwordClientException(ClientFault.MessageMalformed, opening.Result.ToString()),
        KeyOpenResult.IdentitiesHidden or KeyOpenResult.NotForThisReceiver => new WatchwordClientException(ClientFault.MessageNotForUs),
        KeyOpenResult.WrongPurpose => new WatchwordClientException(ClientFault.PurposeMismatch),
        KeyOpenResult.Stale or KeyOpenResult.FromTheFuture => new WatchwordClientException(ClientFault.MessageNotFresh),
        KeyOpenResult.DomainNotAllowed or KeyOpenResult.DomainUnknown or KeyOpenResult.InitiatorKeyUnavailable =>
            new WatchwordClientException(ClientFault.DomainUnknown),
        KeyOpenResult.DomainNotValid or KeyOpenResult.DomainRevoked =>
            new WatchwordClientException(ClientFault.KmsCertificateUnusable, opening.Claims?.InitiatorKmsUri),
        KeyOpenResult.Replayed or KeyOpenResult.ReplayCacheFull => new WatchwordClientException(ClientFault.MessageReplayed),
        KeyOpenResult.ReceiverKeyUnavailable => new WatchwordClientException(ClientFault.NoUsableKeySet, "of the key period of the message"),
        _ => new WatchwordClientException(ClientFault.MessageNotAuthentic),
    };
}
