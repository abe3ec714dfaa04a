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
#pragma warning disable CA2000 // Its key goes on to the caller, who disposes it; the message has nothing else to dispose.
        PckMessage message = PckMessage.Create(new PckRequest
        {
            InitiatorKey = keys.SigningKey,
            InitiatorUid = keys.Info.UserId.Octets.ToArray(),
            InitiatorUri = initiatorUri,
            InitiatorKmsUri = domain.KmsUri,
            ReceiverDomain = receiverDomain.PublicEncryptionKey,
            ReceiverUid = receiverDomain.UserIdFor(receiverUri, receiverDomain.PeriodAt(now).Number).Octets.ToArray(),
            ReceiverUri = receiverUri,
            ReceiverKmsUri = receiverDomain.KmsUri,
            Time = now,
        });
#pragma warning restore CA2000
        return new PrivateCallKeys(message.Octets, message.Key, service);
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
        PckOpening opening = OpenWithAnyPeriod(message, receiverUri);
        PrivateCallKey key = opening.IsOpened ? opening.Key : throw Refuse(opening);
        if (!store.TryNoteOpened(Digest(key), key.Time + MikeyReplayCache.DefaultFreshnessWindow))
        {
            key.Dispose();
            throw new WatchwordClientException(ClientFault.MessageReplayed);
        }

        return new PrivateCallKeys(message.ToArray(), key, service ?? ServiceOf(receiverUri));
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
    /// Tries each generation of both domains' keys (5.2.7), and beside the period of T its neighbour where T is near a boundary.
    /// </summary>
    private PckOpening OpenWithAnyPeriod(ReadOnlySpan<byte> message, string receiverUri)
    {
        PckOpening? first = null;
        foreach (KeyChoice choice in Choices(message))
        {
            PckOpening opening = TryOpen(message, receiverUri, choice);
            if (opening.IsOpened)
            {
                return opening;
            }

            first ??= opening;
            if (opening.Result is not (PckOpenResult.CryptographicFailure or PckOpenResult.ReceiverKeyUnavailable or PckOpenResult.InitiatorKeyUnavailable))
            {
                return opening;
            }
        }

        return first ?? throw new WatchwordClientException(ClientFault.NotInitialized);
    }

    private static readonly long[] PeriodShifts = [0, -1, 1];

    /// <summary>Which certificate and which period, beside that of T, for each of the two.</summary>
    private sealed record KeyChoice(StoredCertificate Initiator, long InitiatorShift, StoredCertificate Receiver, long ReceiverShift);

    private List<KeyChoice> Choices(ReadOnlySpan<byte> message)
    {
        MikeyMessage parsed = Parse(message);
        string? initiatorKms = parsed.FindIdentity(MikeyIdentityRole.InitiatorKms)?.Text;
        IReadOnlyList<StoredCertificate> homes = store.Roots;
        if (initiatorKms is null || store.KmsUri is null || string.Equals(initiatorKms, store.KmsUri, StringComparison.Ordinal))
        {
            // One domain: whoever took a neighbouring period took it for both.
            return [.. homes.SelectMany(c => PeriodShifts.Select(s => new KeyChoice(c, s, c, s)))];
        }

        IReadOnlyList<StoredCertificate> partners = store.CertificatesOf(initiatorKms);
        if (partners.Count > 0 && partners.All(c => !c.Certificate.IsUsableAt(time.GetUtcNow())))
        {
            throw new WatchwordClientException(ClientFault.KmsCertificateUnusable, initiatorKms);
        }

        // A message of an unknown domain is refused by the opener itself, in its own order of checks: any certificate lets it say so.
        return
        [
            .. from shift in PeriodShifts
               from initiatorShift in PeriodShifts
               from partner in partners.Count > 0 ? partners : homes
               from home in homes
               select new KeyChoice(partner, initiatorShift, home, shift),
        ];
    }

    private PckOpening TryOpen(ReadOnlySpan<byte> message, string receiverUri, KeyChoice choice)
    {
        List<UnlockedKeySet> unlocked = [];
        KmsCertificate initiatorDomain = choice.Initiator.Certificate;
        try
        {
            return PckMessage.Open(message, new PckReceiver
            {
                Uri = receiverUri,
                IsDomainAllowed = parties => IsOf(choice.Initiator, parties.InitiatorKmsUri) && IsOf(choice.Receiver, parties.ReceiverKmsUri),
                FindInitiatorKey = parties => PeriodOf(choice.Initiator, parties.Time, choice.InitiatorShift) is { } period
                    ? new PckInitiatorKey(
                        initiatorDomain.PublicAuthenticationKey, initiatorDomain.UserIdFor(parties.InitiatorUri, period).Octets.ToArray())
                    : null,
                FindReceiverKey = parties =>
                {
                    if (PeriodOf(choice.Receiver, parties.Time, choice.ReceiverShift) is not { } period
                        || store.Unlock(receiverUri, period, choice.Receiver) is not { } keys)
                    {
                        return null;
                    }

                    unlocked.Add(keys);
                    return new PckReceiverKey(keys.ReceiverKey, keys.Info.UserId.Octets.ToArray());
                },
                // One cache for each attempt: what was opened is noted on disk, where other processes see it.
                ReplayCache = new MikeyReplayCache(time),
                Tolerances = tolerances,
            });
        }
        finally
        {
            unlocked.ForEach(k => k.Dispose());
        }
    }

    private static bool IsOf(StoredCertificate certificate, string kmsUri) =>
        string.Equals(certificate.Certificate.KmsUri, kmsUri, StringComparison.Ordinal);

    /// <summary>
    /// The period of T, or its neighbour if T is near enough to that; null if the certificate or the shift does not apply.
    /// </summary>
    private static long? PeriodOf(StoredCertificate certificate, DateTimeOffset messageTime, long shift)
    {
        if (!certificate.Certificate.IsUsableAt(messageTime))
        {
            return null;
        }

        KeyPeriod period = certificate.Certificate.PeriodAt(messageTime);
        bool applies = shift switch
        {
            -1 => messageTime - period.Start <= BoundaryTolerance && period.Number > 0,
            1 => period.End - messageTime <= BoundaryTolerance,
            _ => true,
        };
        return applies ? period.Number + shift : null;
    }

    private static void RequirePrivateCallService(McService service)
    {
        if (service is not (McService.Mcptt or McService.McVideo))
        {
            throw new ArgumentOutOfRangeException(nameof(service), "Private calls are of MCPTT or MCVideo.");
        }
    }

    /// <summary>What a replay would repeat: initiator UID, CSB ID, T and RAND (RFC 3830 §5.4).</summary>
    private static byte[] Digest(PrivateCallKey key)
    {
        byte[] numbers = new byte[sizeof(uint) + sizeof(ulong)];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, key.PckId);
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(sizeof(uint)), key.Time.UtcTicks);
        return SHA256.HashData([.. key.Initiator.Uid.Span, .. numbers, .. key.Random.Span]);
    }

    private static WatchwordClientException Refuse(PckOpening opening) => opening.Result switch
    {
        PckOpenResult.Malformed => new WatchwordClientException(ClientFault.MessageMalformed, $"{opening.FormatReason} at octet {opening.FormatOffset}"),
        PckOpenResult.UnsupportedTimestamp or PckOpenResult.UnsupportedPolicy => new WatchwordClientException(ClientFault.MessageMalformed, opening.Result.ToString()),
        PckOpenResult.IdentitiesHidden or PckOpenResult.NotForThisReceiver => new WatchwordClientException(ClientFault.MessageNotForUs),
        PckOpenResult.WrongPurpose => new WatchwordClientException(ClientFault.PurposeMismatch),
        PckOpenResult.Stale or PckOpenResult.FromTheFuture => new WatchwordClientException(ClientFault.MessageNotFresh),
        PckOpenResult.DomainNotAllowed or PckOpenResult.InitiatorKeyUnavailable => new WatchwordClientException(ClientFault.DomainUnknown),
        PckOpenResult.Replayed or PckOpenResult.ReplayCacheFull => new WatchwordClientException(ClientFault.MessageReplayed),
        PckOpenResult.ReceiverKeyUnavailable => new WatchwordClientException(ClientFault.NoUsableKeySet, "of the key period of the message"),
        _ => new WatchwordClientException(ClientFault.MessageNotAuthentic),
    };
}
