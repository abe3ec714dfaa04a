using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// The checks of a receiver, cheapest first and in the order of TS 33.180 5.2.2: format, addressee, purpose, freshness, domains,
/// policy, replay, signature, and only then the decapsulation.
/// </summary>
internal static class PckOpener
{
    public static PckOpening Open(ReadOnlySpan<byte> octets, PckReceiver receiver)
    {
        MikeyMessage? message = MikeyMessage.Read(octets, receiver.Tolerances, out MikeyFormatReason reason, out int offset);
        if (message is null)
        {
            return new PckOpening(PckOpenResult.Malformed) { FormatReason = reason, FormatOffset = offset };
        }

        PckOpenResult? refusal = Read(message, receiver, out PckParties? parties) ?? Permit(message, receiver, parties!);
        return refusal is not null ? new PckOpening(refusal.Value, message) : Verify(message, receiver, parties!);
    }

    private static PckOpenResult? Read(MikeyMessage message, PckReceiver receiver, out PckParties? parties)
    {
        parties = null;
        string? initiator = message.FindIdentity(MikeyIdentityRole.Initiator)?.Text;
        string? addressee = message.FindIdentity(MikeyIdentityRole.Responder)?.Text;
        if (initiator is null || addressee is null)
        {
            return PckOpenResult.IdentitiesHidden;
        }

        if (!string.Equals(addressee, receiver.Uri, StringComparison.Ordinal))
        {
            return PckOpenResult.NotForThisReceiver;
        }

        if (message.Purpose != KeyPurpose.Pck)
        {
            return PckOpenResult.WrongPurpose;
        }

        if (message.Timestamp.TimestampType != MikeyTimestampType.NtpUtc)
        {
            return PckOpenResult.UnsupportedTimestamp;
        }

        DateTimeOffset now = receiver.ReplayCache.Now;
        parties = new PckParties(
            initiator,
            message.FindIdentity(MikeyIdentityRole.InitiatorKms)!.Text!,
            addressee,
            message.FindIdentity(MikeyIdentityRole.ResponderKms)!.Text!,
            message.Timestamp.ToDateTimeOffset(now));
        TimeSpan age = now - parties.Time;
        return age > receiver.ReplayCache.FreshnessWindow ? PckOpenResult.Stale
            : age < -receiver.ReplayCache.FreshnessWindow ? PckOpenResult.FromTheFuture
            : null;
    }

    private static PckOpenResult? Permit(MikeyMessage message, PckReceiver receiver, PckParties parties) =>
        !receiver.IsDomainAllowed(parties) ? PckOpenResult.DomainNotAllowed
        : !PckProfile.Accepts(message) ? PckOpenResult.UnsupportedPolicy
        : null;

    private static PckOpening Verify(MikeyMessage message, PckReceiver receiver, PckParties parties)
    {
        PckInitiatorKey? initiator = receiver.FindInitiatorKey(parties);
        if (initiator is null)
        {
            return new PckOpening(PckOpenResult.InitiatorKeyUnavailable, message);
        }

        PckReceiverKey? own = receiver.FindReceiverKey(parties);
        if (own is null)
        {
            return new PckOpening(PckOpenResult.ReceiverKeyUnavailable, message);
        }

        // A UID of another size is a fault of the caller, not of the message, and would blur the entries of the replay cache.
        ReadOnlySpan<byte> uid = initiator.Uid.Span;
        if (uid.Length != MikeyIdentity.UidSizeInBytes)
        {
            throw new ArgumentException("The initiator's UID has exactly 32 octets.", nameof(receiver));
        }

        if (receiver.ReplayCache.Contains(uid, message, parties.Time))
        {
            return new PckOpening(PckOpenResult.Replayed, message);
        }

        if (!IsSigned(message, initiator, receiver.Tolerances, out MikeyTolerances used))
        {
            return new PckOpening(PckOpenResult.CryptographicFailure, message);
        }

        return receiver.ReplayCache.TryAdd(uid, message, parties.Time) switch
        {
            MikeyReplayCache.Addition.Added => Decapsulate(message, parties, initiator, own, used),
            MikeyReplayCache.Addition.Known => new PckOpening(PckOpenResult.Replayed, message),
            _ => new PckOpening(PckOpenResult.ReplayCacheFull, message),
        };
    }

    private static bool IsSigned(MikeyMessage message, PckInitiatorKey initiator, MikeyTolerances tolerances, out MikeyTolerances used)
    {
        used = message.Signature.DeclaredLength == MikeySignature.ValueSizeInBytes
            ? MikeyTolerances.None
            : MikeyTolerances.SignatureLengthAsPrinted;
        ReadOnlySpan<byte> signature = message.Signature.Value.Span;
        ReadOnlySpan<byte> signed = message.SignedOctets.Span;
        if (initiator.Authority.Verify(initiator.Uid.Span, signed, signature))
        {
            return true;
        }

        used |= MikeyTolerances.SignatureWithoutLength;
        return tolerances.HasFlag(MikeyTolerances.SignatureWithoutLength)
            && initiator.Authority.Verify(initiator.Uid.Span, signed[..^MikeySignature.PrefixSizeInBytes], signature);
    }

    private static PckOpening Decapsulate(
        MikeyMessage message, PckParties parties, PckInitiatorKey initiator, PckReceiverKey own, MikeyTolerances used)
    {
        Span<byte> secret = stackalloc byte[PrivateCallKey.SecretSizeInBytes];
        try
        {
            if (!own.Key.TryDecapsulate(message.Sakke.Encapsulated.Span, secret))
            {
                return new PckOpening(PckOpenResult.CryptographicFailure, message);
            }

            PrivateCallKey key = new(
                secret,
                message.Header.CsbId,
                message.Random.Value.Span,
                new MikeyParty(parties.InitiatorUri, parties.InitiatorKmsUri, initiator.Uid),
                new MikeyParty(parties.ReceiverUri, parties.ReceiverKmsUri, own.Uid),
                parties.Time);
            return new PckOpening(PckOpenResult.Opened, message, key) { TolerancesUsed = used };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
