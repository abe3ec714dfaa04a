using Watchword.Mikey;

namespace Watchword.Client;

/// <content>The receiving side.</content>
public sealed partial class ServiceKeyExchange
{
    /// <summary>
    /// Opens a message and puts its key into the store: addressee, freshness, replay, the initiator's domain and whether he may
    /// hand out this key, signature, key, parameters. A message that was pushed opens once for a profile.
    /// </summary>
    /// <param name="message">The octets as received.</param>
    /// <param name="context">What its transport says; null for a message that was just pushed.</param>
    /// <exception cref="WatchwordClientException">
    /// Faults of block 54xx; <see cref="ClientFault.NotLoggedIn"/>, <see cref="ClientFault.NotInitialized"/>,
    /// <see cref="ClientFault.KmsCertificateUnusable"/>, <see cref="ClientFault.ServiceKeysFull"/>,
    /// <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    public ServiceKeyReceipt Open(ReadOnlySpan<byte> message, ServiceKeyMessageContext? context = null)
    {
        context ??= ServiceKeyMessageContext.Default;
        (KeyOpening opening, string owner) = OpenChecked(message, context);
        using MikeyKey key = opening.Key!;
        OpenedMessage? opened = context.IsFromDocument ? null : OpenedMessage.Of(opening);
        bool isRevoked = opening.Parameters?.IsRevoked == true;
        ServiceKeyInfo info = Info(opening, owner, context);
        (ServiceKeyInfo kept, ServiceKeyChange change) = store.KeepServiceKey(info, key, isRevoked, opened);
        return new ServiceKeyReceipt(kept, change, opening.TolerancesUsed);
    }

    /// <summary>Every check of a message but the one against replay, which whoever keeps the key makes.</summary>
    private (KeyOpening Opening, string Owner) OpenChecked(ReadOnlySpan<byte> message, ServiceKeyMessageContext context)
    {
        MikeyMessage parsed = OpeningFaults.Parse(message, options.Tolerances);
        string owner = FindOwner(parsed, context);
        MessageDomains domains = new(store);
        KeyOpening opening = Open(message, owner, domains, context, Clock(parsed, context));
        if (!opening.IsOpened)
        {
            throw OpeningFaults.Of(opening);
        }

        try
        {
            Reveal(opening, domains, context);
            return (opening, owner);
        }
        catch
        {
            opening.Key.Dispose();
            throw;
        }
    }

    private KeyOpening Open(
        ReadOnlySpan<byte> message, string owner, MessageDomains domains, ServiceKeyMessageContext context, TimeProvider clock)
    {
        List<UnlockedKeySet> unlocked = [];
        try
        {
            return KeyMessage.Open(message, new KeyReceiver
            {
                Uri = owner,
                Expects = context.IsOwn ? Makes : options.Expects ?? (IsUser ? ForUsers : ForEntities),
                IsDomainAllowed = claims => domains.IsHome(OwnKmsUri(claims, context)),
                ResolveInitiator = claims =>
                    claims.InitiatorUri is not { } initiator || MayHandOut(claims.Distribution, initiator, context)
                        ? domains.Resolve(claims)
                        : InitiatorResolution.NotAllowed,
                FindReceiverKeys = claims => domains.FindKeys(owner, OwnKmsUri(claims, context), claims.Time, unlocked),
                // One cache for each opening: what was opened is noted on disk, where other processes see it.
                ReplayCache = new MikeyReplayCache(clock),
                Tolerances = options.Tolerances,
                AcceptsHiddenIdentities = context.RevealInitiator is not null,
                OpensOwnMessages = context.IsOwn,
            });
        }
        finally
        {
            unlocked.ForEach(k => k.Dispose());
        }
    }

    private static readonly IReadOnlyList<KeyDistribution> ForUsers =
    [
        KeyDistribution.Gmk, KeyDistribution.CskDownload, KeyDistribution.Mkfc, KeyDistribution.Mscck, KeyDistribution.Musik,
    ];

    private static readonly IReadOnlyList<KeyDistribution> ForEntities = [KeyDistribution.CskUpload, KeyDistribution.Spk];

    private IReadOnlyList<KeyDistribution> Makes =>
        [.. KeyDistribution.All.Where(d => (d.Initiator == KeyEntity.Client) == IsUser)];

    private static string OwnKmsUri(KeyClaims claims, ServiceKeyMessageContext context) =>
        context.IsOwn ? claims.InitiatorKmsUri : claims.ReceiverKmsUri;

    private bool MayHandOut(KeyDistribution distribution, string initiatorUri, ServiceKeyMessageContext context) =>
        context.IsOwn || distribution.Initiator switch
        {
            KeyEntity.GroupManagementServer => options.GroupManagementServers.Contains(initiatorUri, StringComparer.Ordinal),
            KeyEntity.McxServer => options.McxServers.Contains(initiatorUri, StringComparer.Ordinal),
            _ => true,
        };

    /// <summary>Which identity of this profile the message is for, or by: named, or hidden behind the UID of a key set.</summary>
    private string FindOwner(MikeyMessage message, ServiceKeyMessageContext context)
    {
        (MikeyIdentityRole named, MikeyIdentityRole hidden) = context.IsOwn
            ? (MikeyIdentityRole.Initiator, MikeyIdentityRole.InitiatorUid)
            : (MikeyIdentityRole.Responder, MikeyIdentityRole.ResponderUid);
        ReadOnlyMemory<byte>? uid = message.FindIdentity(hidden)?.Octets;
        string? owner = message.FindIdentity(named)?.Text
            ?? store.KeySets.FirstOrDefault(set => uid is { } octets && set.UserId.Octets.SequenceEqual(octets.Span))?.UserUri;
        return owner is not null && Identity.Owns(owner)
            ? owner
            : throw new WatchwordClientException(ClientFault.MessageNotForUs);
    }

    /// <summary>
    /// The clock that the freshness of a message is held against. One in a document is judged at its own time T, which lies in
    /// the past and not too far.
    /// </summary>
    private TimeProvider Clock(MikeyMessage message, ServiceKeyMessageContext context)
    {
        if (!context.IsFromDocument || message.Timestamp.TimestampType != MikeyTimestampType.NtpUtc)
        {
            return time;
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset made = message.Timestamp.ToDateTimeOffset(now);
        return made <= now + MikeyReplayCache.DefaultFreshnessWindow && made >= now - options.DocumentMaxAge
            ? new StoppedClock(made)
            : throw new WatchwordClientException(ClientFault.MessageNotFresh);
    }

    /// <summary>The last step where identities were hidden (TS 33.180 5.2.6): is it he who signed, and may he?</summary>
    private void Reveal(KeyOpening opening, MessageDomains domains, ServiceKeyMessageContext context)
    {
        if (opening.Initiator!.Uri is not null)
        {
            return;
        }

        string? uri = context.RevealInitiator!(opening.Key!);
        if (string.IsNullOrEmpty(uri) || !domains.Confirm(opening, uri))
        {
            throw new WatchwordClientException(ClientFault.MessageNotAuthentic, "the initiator is not the one who signed");
        }

        if (!MayHandOut(opening.Claims!.Distribution, uri, context))
        {
            throw new WatchwordClientException(ClientFault.InitiatorNotAllowed, opening.Claims.Distribution.Name);
        }
    }

    private ServiceKeyInfo Info(KeyOpening opening, string owner, ServiceKeyMessageContext context)
    {
        KeyParameters? parameters = opening.Parameters;
        DateTimeOffset made = opening.Claims!.Time;
        IReadOnlyList<string> groups = parameters is { GroupIds.Count: > 0 } ? parameters.GroupIds
            : opening.Claims.Distribution.HasGroups ? context.GroupIds : [];
        return new ServiceKeyInfo
        {
            OwnerUri = owner,
            KeyId = opening.Key!.KeyId,
            InitiatorUri = opening.Initiator!.Uri!,
            InitiatorKmsUri = opening.Initiator.KmsUri,
            PeerUri = context.IsOwn ? opening.Receiver!.Uri : opening.Initiator.Uri,
            GroupIds = [.. groups],
            Text = parameters?.Text ?? string.Empty,
            MessageTime = made,
            Activation = parameters?.Activation ?? made,
            Expiry = parameters?.Expiry,
            Status = parameters?.Status ?? KeyStatus.NotRevoked,
            ReceivedAt = time.GetUtcNow(),
        };
    }

    private sealed class StoppedClock(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }
}
