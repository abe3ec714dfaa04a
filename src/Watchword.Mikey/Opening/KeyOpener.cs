namespace Watchword.Mikey;

/// <summary>
/// The one opener of messages, for every <see cref="KeyDistribution"/>. The checks of a receiver, cheapest first and in the order
/// of TS 33.180 5.2.2: format, addressee, purpose, freshness, domains, map, policy, initiator, own key, replay, signature, and
/// only then the key.
/// </summary>
internal static class KeyOpener
{
    public static KeyOpening Open(ReadOnlySpan<byte> octets, KeyReceiver receiver)
    {
        MikeyMessage? message = MikeyMessage.Read(octets, receiver.Tolerances, out MikeyFormatReason reason, out int offset);
        if (message is null)
        {
            return new KeyOpening(KeyOpenResult.Malformed) { FormatReason = reason, FormatOffset = offset };
        }

        KeyOpenResult? refusal = Read(message, receiver, out KeyClaims? claims);
        if (refusal is not null)
        {
            return new KeyOpening(refusal.Value, message);
        }

        MikeyTolerances used = MikeyTolerances.None;
        refusal = Permit(message, receiver, claims!, ref used);
        return refusal is not null
            ? new KeyOpening(refusal.Value, message, claims)
            : new KeyOpenAttempt(message, receiver, claims!, used).Run();
    }

    private static KeyOpenResult? Read(MikeyMessage message, KeyReceiver receiver, out KeyClaims? claims)
    {
        claims = null;
        string? initiator = message.FindIdentity(MikeyIdentityRole.Initiator)?.Text;
        string? responder = message.FindIdentity(MikeyIdentityRole.Responder)?.Text;
        if ((initiator is null || responder is null) && !receiver.AcceptsHiddenIdentities)
        {
            return KeyOpenResult.IdentitiesHidden;
        }

        // Of a hidden addressee the UID tells, once the receiver's own keys are known.
        string? addressee = receiver.OpensOwnMessages ? initiator : responder;
        if (addressee is not null && !string.Equals(addressee, receiver.Uri, StringComparison.Ordinal))
        {
            return KeyOpenResult.NotForThisReceiver;
        }

        KeyDistribution? distribution = receiver.Expects.FirstOrDefault(expected => expected.Purpose == message.Purpose);
        if (distribution is null)
        {
            return KeyOpenResult.WrongPurpose;
        }

        if (distribution.HasDiversity && responder is null && receiver.OpensOwnMessages)
        {
            // K-ID cannot be had: the receiver's URI, whose salt is in UK-ID, is not known here.
            return KeyOpenResult.IdentitiesHidden;
        }

        if (message.Timestamp.TimestampType != MikeyTimestampType.NtpUtc)
        {
            return KeyOpenResult.UnsupportedTimestamp;
        }

        DateTimeOffset now = receiver.ReplayCache.Now;
        DateTimeOffset time = message.Timestamp.ToDateTimeOffset(now);
        claims = new KeyClaims(distribution, message, time);
        TimeSpan age = now - time;
        return age > receiver.ReplayCache.FreshnessWindow ? KeyOpenResult.Stale
            : age < -receiver.ReplayCache.FreshnessWindow ? KeyOpenResult.FromTheFuture
            : null;
    }

    private static KeyOpenResult? Permit(MikeyMessage message, KeyReceiver receiver, KeyClaims claims, ref MikeyTolerances used)
    {
        if (!receiver.IsDomainAllowed(claims))
        {
            return KeyOpenResult.DomainNotAllowed;
        }

        IReadOnlyList<McCryptoSession> ours = claims.Distribution.Sessions;
        switch (message.Header.Map)
        {
            case MikeyGenericIdMap map when !map.Sessions.All(session => ours.Contains((McCryptoSession)session.CsId)):
                return KeyOpenResult.UnsupportedMap;
            case MikeySrtpIdMap when !receiver.Tolerances.HasFlag(MikeyTolerances.SrtpIdMap):
                return KeyOpenResult.UnsupportedMap;
            case MikeySrtpIdMap:
                used |= MikeyTolerances.SrtpIdMap;
                break;
            default:
                break;
        }

        return SrtpProfile.Accepts(message) ? null : KeyOpenResult.UnsupportedPolicy;
    }
}
