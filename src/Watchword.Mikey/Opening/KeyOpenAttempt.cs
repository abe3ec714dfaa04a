using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>The part of an opening that needs keys: initiator, own key, replay, signature, decapsulation, parameters.</summary>
internal sealed class KeyOpenAttempt(MikeyMessage message, KeyReceiver receiver, KeyClaims claims, MikeyTolerances used)
{
    private MikeyTolerances _used = used;

    public KeyOpening Run()
    {
        InitiatorResolution resolution = receiver.ResolveInitiator(claims);
        if (Refusal(resolution) is { } refusal)
        {
            return Refuse(refusal);
        }

        IReadOnlyList<ReceiverKey> own = receiver.FindReceiverKeys(claims);
        if (EncapsulatedForUs() is not { } encapsulated || own.Count == 0)
        {
            return Refuse(KeyOpenResult.ReceiverKeyUnavailable);
        }

        foreach (InitiatorKey candidate in resolution.Candidates)
        {
            RequireUid(candidate.Uid);
        }

        foreach (ReceiverKey candidate in own)
        {
            RequireUid(candidate.Uid);
        }

        if ((receiver.OpensOwnMessages ? claims.InitiatorUid : claims.ReceiverUid) is { } named)
        {
            own = [.. own.Where(candidate => candidate.Uid.Span.SequenceEqual(named.Span))];
            if (own.Count == 0)
            {
                return Refuse(KeyOpenResult.NotForThisReceiver);
            }
        }

        return Verify(resolution.Candidates, own, encapsulated);
    }

    private KeyOpenResult? Refusal(InitiatorResolution resolution) => resolution.Status switch
    {
        InitiatorStatus.DomainUnknown => KeyOpenResult.DomainUnknown,
        InitiatorStatus.DomainNotValid => KeyOpenResult.DomainNotValid,
        InitiatorStatus.DomainRevoked => KeyOpenResult.DomainRevoked,
        InitiatorStatus.NotAllowed => KeyOpenResult.InitiatorNotAllowed,
        // A hidden initiator is verified under the UID that the message names, and no other.
        _ => resolution.Candidates.Count == 0
            || (claims.InitiatorUid is { } uid && !resolution.Candidates.All(c => c.Uid.Span.SequenceEqual(uid.Span)))
                ? KeyOpenResult.InitiatorKeyUnavailable
                : null,
    };

    private KeyOpening Verify(
        IReadOnlyList<InitiatorKey> candidates, IReadOnlyList<ReceiverKey> own, ReadOnlyMemory<byte> encapsulated)
    {
        foreach (InitiatorKey candidate in candidates)
        {
            if (receiver.ReplayCache.Contains(candidate.Uid.Span, message, claims.Time))
            {
                return Refuse(KeyOpenResult.Replayed);
            }
        }

        InitiatorKey? initiator = FindSigner(candidates);
        if (initiator is null)
        {
            return Refuse(KeyOpenResult.CryptographicFailure);
        }

        return receiver.ReplayCache.TryAdd(initiator.Uid.Span, message, claims.Time) switch
        {
            MikeyReplayCache.Addition.Added => Decapsulate(initiator, own, encapsulated),
            MikeyReplayCache.Addition.Known => Refuse(KeyOpenResult.Replayed),
            _ => Refuse(KeyOpenResult.ReplayCacheFull),
        };
    }

    private InitiatorKey? FindSigner(IReadOnlyList<InitiatorKey> candidates)
    {
        if (message.Signature.DeclaredLength != MikeySignature.ValueSizeInBytes)
        {
            _used |= MikeyTolerances.SignatureLengthAsPrinted;
        }

        ReadOnlySpan<byte> signed = message.SignedOctets.Span;
        InitiatorKey? signer = FindSigner(candidates, signed);
        if (signer is null && receiver.Tolerances.HasFlag(MikeyTolerances.SignatureWithoutLength))
        {
            _used |= MikeyTolerances.SignatureWithoutLength;
            signer = FindSigner(candidates, signed[..^MikeySignature.PrefixSizeInBytes]);
        }

        return signer;
    }

    private InitiatorKey? FindSigner(IReadOnlyList<InitiatorKey> candidates, ReadOnlySpan<byte> signed)
    {
        foreach (InitiatorKey candidate in candidates)
        {
            if (candidate.Authority.Verify(candidate.Uid.Span, signed, message.Signature.Value.Span))
            {
                return candidate;
            }
        }

        return null;
    }

    private KeyOpening Decapsulate(InitiatorKey initiator, IReadOnlyList<ReceiverKey> own, ReadOnlyMemory<byte> encapsulated)
    {
        Span<byte> secret = stackalloc byte[MikeyKey.SecretSizeInBytes];
        try
        {
            foreach (ReceiverKey candidate in own)
            {
                if (candidate.Key.TryDecapsulate(encapsulated.Span, secret))
                {
                    return Take(initiator, candidate, secret);
                }
            }

            return Refuse(KeyOpenResult.CryptographicFailure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private KeyOpening Take(InitiatorKey initiator, ReceiverKey own, ReadOnlySpan<byte> secret)
    {
        // Whose salt is in UK-ID: the receiver's of the message, who may be hidden but then is this receiver.
        string receiverUri = claims.ReceiverUri ?? receiver.Uri;
        uint keyId = claims.Distribution.HasDiversity ? UserKeyId.Of(claims.CsbId, secret, receiverUri) : claims.CsbId;
        if (!KeySpi.Agrees(message.Header.Map, claims.Distribution, keyId, claims.CsbId))
        {
            return Refuse(KeyOpenResult.IdentifierMismatch);
        }

        KeyParameters? parameters = null;
        if (message.FindExtension(MikeyGeneralExtension.KeyParameters) is { } extension)
        {
            KeyParametersProtection.Outcome outcome = KeyParametersProtection.Unprotect(
                extension.Data.Span, secret, claims.CsbId, receiver.Tolerances, ref _used, out parameters);
            if (outcome == KeyParametersProtection.Outcome.CryptographicFailure)
            {
                return Refuse(KeyOpenResult.CryptographicFailure);
            }

            if (parameters?.KeyType != claims.Distribution.Purpose)
            {
                return Refuse(KeyOpenResult.ParametersNotValid);
            }
        }

        string? statedUri = receiver.OpensOwnMessages ? claims.ReceiverUri : receiverUri;
        ReadOnlyMemory<byte> receiverUid = receiver.OpensOwnMessages ? claims.ReceiverUid ?? default : own.Uid;
        return new KeyOpening(KeyOpenResult.Opened, message, claims)
        {
            Key = MikeyKey.Import(keyId, secret, message.Random.Value.Span),
            VerifiedInitiator = new MikeyParty(claims.InitiatorUri, claims.InitiatorKmsUri, initiator.Uid),
            Receiver = new MikeyParty(statedUri, claims.ReceiverKmsUri, receiverUid),
            Parameters = parameters,
            TolerancesUsed = _used,
        };
    }

    private ReadOnlyMemory<byte>? EncapsulatedForUs() => receiver.OpensOwnMessages
        ? message.FindExtension(MikeyGeneralExtension.SakkeToSelf)?.Sakke!.Encapsulated
        : message.Sakke.Encapsulated;

    private KeyOpening Refuse(KeyOpenResult result) => new(result, message, claims);

    /// <summary>
    /// A UID of another size is a fault of the caller, not of the message, and would blur the entries of the replay cache.
    /// </summary>
    private static void RequireUid(ReadOnlyMemory<byte> uid)
    {
        if (uid.Length != MikeyIdentity.UidSizeInBytes)
        {
            throw new ArgumentException("A UID has exactly 32 octets.", nameof(uid));
        }
    }
}
