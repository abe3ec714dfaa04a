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

    /// <summary>
    /// Looks at a message without keeping its key, and without noting that it was opened: every check of <see cref="Open"/> but
    /// two, whether it came before and whether the initiator may hand out this key. A hidden initiator stays hidden.
    /// </summary>
    /// <param name="message">The octets as received; for any identity of the profile and of any purpose.</param>
    /// <param name="context">As for <see cref="Open"/>.</param>
    /// <returns>What was opened; the caller disposes its key, which is for looking at and not for use.</returns>
    /// <exception cref="WatchwordClientException">As for <see cref="Open"/>.</exception>
    public KeyOpening Examine(ReadOnlySpan<byte> message, ServiceKeyMessageContext? context = null)
    {
        context ??= ServiceKeyMessageContext.Default;
        MikeyMessage parsed = OpeningFaults.Parse(message, options.Tolerances);
        return OpenBy(
            message, parsed, FindOwner(parsed, context), new MessageDomains(store), context,
            new Rules(OfEachPurpose, MayHandOut: _ => true, AcceptsHidden: true));
    }

    /// <summary>Every check of a message but the one against replay, which whoever keeps the key makes.</summary>
    private (KeyOpening Opening, string Owner) OpenChecked(ReadOnlySpan<byte> message, ServiceKeyMessageContext context)
    {
        MikeyMessage parsed = OpeningFaults.Parse(message, options.Tolerances);
        string owner = FindOwner(parsed, context);
        MessageDomains domains = new(store);
        KeyOpening opening = OpenBy(message, parsed, owner, domains, context, new Rules(
            context.IsOwn ? Makes : options.Expects ?? (IsUser ? ForUsers : ForEntities),
            claims => claims.InitiatorUri is not { } initiator || MayHandOut(claims.Distribution, initiator, context),
            AcceptsHidden: context.RevealInitiator is not null));
        try
        {
            Reveal(opening, domains, context);
            return (opening, owner);
        }
        catch
        {
            opening.Key!.Dispose();
            throw;
        }
    }

    private KeyOpening OpenBy(
        ReadOnlySpan<byte> message, MikeyMessage parsed, string owner, MessageDomains domains, ServiceKeyMessageContext context,
        Rules rules)
    {
        List<UnlockedKeySet> unlocked = [];
        try
        {
            KeyOpening opening = KeyMessage.Open(message, new KeyReceiver
            {
                Uri = owner,
                Expects = rules.Expects,
                IsDomainAllowed = claims => domains.IsHome(OwnKmsUri(claims, context)),
                ResolveInitiator = claims =>
                    rules.MayHandOut(claims) ? domains.Resolve(claims) : InitiatorResolution.NotAllowed,
                FindReceiverKeys = claims => domains.FindKeys(owner, OwnKmsUri(claims, context), claims.Time, unlocked),
                // One cache for each opening: what was opened is noted on disk, where other processes see it.
                ReplayCache = new MikeyReplayCache(Clock(parsed, context)),
                Tolerances = options.Tolerances,
                AcceptsHiddenIdentities = rules.AcceptsHidden,
                OpensOwnMessages = context.IsOwn,
            });
            return opening.IsOpened ? opening : throw OpeningFaults.Of(opening);
        }
        finally
        {
            unlocked.ForEach(k => k.Dispose());
        }
    }

    // Of each purpose one distribution can be expected; both directions of a CSK are opened alike.
    private static readonly IReadOnlyList<KeyDistribution> OfEachPurpose =
        [.. KeyDistribution.All.DistinctBy(distribution => distribution.Purpose)];

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

    private sealed record Rules(
        IReadOnlyList<KeyDistribution> Expects, Func<KeyClaims, bool> MayHandOut, bool AcceptsHidden);

    private sealed class StoppedClock(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }
}
