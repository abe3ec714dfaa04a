using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// The message that hands a private call key to the called user (TS 33.180 5.6 and E.3): an I_MESSAGE with SAKKE for the receiver
/// and an ECCSI signature of the initiator. The steps are those of docs/flows/private-call.md.
/// </summary>
public sealed class PckMessage : IDisposable
{
    private const int PurposeShift = 28;
    private const int RandomBitsOfId = 28;

    private PckMessage(byte[] octets, PrivateCallKey key)
    {
        Octets = octets;
        Key = key;
    }

    /// <summary>The message to send.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>The key that the message carries.</summary>
    public PrivateCallKey Key { get; }

    /// <summary>Makes a new PCK and PCK-ID and the message that hands it over.</summary>
    /// <param name="request">Keys and identities.</param>
    /// <returns>Message and key; disposing it erases the key.</returns>
    /// <exception cref="ArgumentException">A URI that is empty or not printable, a UID of another size than 32 octets or not that of
    /// the signing key, or a time before 1900.</exception>
    public static PckMessage Create(PckRequest request)
    {
        RequireUid(request.InitiatorUid, nameof(PckRequest.InitiatorUid));
        RequireUid(request.ReceiverUid, nameof(PckRequest.ReceiverUid));
        if (!request.InitiatorKey.Identity.SequenceEqual(request.InitiatorUid.Span))
        {
            throw new ArgumentException("The signing key was issued for another UID.", nameof(request));
        }

        uint pckId = ((uint)KeyPurpose.Pck << PurposeShift) | (uint)RandomNumberGenerator.GetInt32(1 << RandomBitsOfId);
        byte[] random = RandomNumberGenerator.GetBytes(MikeyRandom.RandomSizeInBytes);
        Span<byte> secret = stackalloc byte[PrivateCallKey.SecretSizeInBytes];
        try
        {
            RandomNumberGenerator.Fill(secret);
            byte[] octets = MikeyMessage.Encode(new MikeyHeader(pckId, MikeyCsIdMap.Empty), Payloads(request, random, secret));
            int signedSize = octets.Length - MikeySignature.ValueSizeInBytes;
            request.InitiatorKey.Sign(octets.AsSpan(0, signedSize), octets.AsSpan(signedSize));
            PrivateCallKey key = new(
                secret,
                pckId,
                random,
                new MikeyParty(request.InitiatorUri, request.InitiatorKmsUri, request.InitiatorUid),
                new MikeyParty(request.ReceiverUri, request.ReceiverKmsUri, request.ReceiverUid),
                request.Time);
            return new PckMessage(octets, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Opens a message. Nothing changes unless the signature is right: then the message is entered into the replay cache.</summary>
    /// <param name="message">The octets as received.</param>
    /// <param name="receiver">Who receives, under which rules.</param>
    /// <returns>The key, or the first check that failed.</returns>
    /// <exception cref="ArgumentException">The initiator's UID that the receiver found has another size than 32 octets.</exception>
    public static PckOpening Open(ReadOnlySpan<byte> message, PckReceiver receiver) => PckOpener.Open(message, receiver);

    /// <summary>Erases the key.</summary>
    public void Dispose() => Key.Dispose();

    // The order of RFC 6509 §2.1 with the additions of TS 33.180 E.1.2; the signature is filled in afterwards.
    private static List<MikeyPayload> Payloads(PckRequest request, byte[] random, ReadOnlySpan<byte> secret)
    {
        List<MikeyPayload> payloads =
        [
            MikeyTimestamp.FromDateTimeOffset(request.Time),
            new MikeyRandom(random),
            MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, request.InitiatorUri),
            MikeyIdentity.FromUri(MikeyIdentityRole.Responder, request.ReceiverUri),
            MikeyIdentity.FromUri(MikeyIdentityRole.InitiatorKms, request.InitiatorKmsUri),
            MikeyIdentity.FromUri(MikeyIdentityRole.ResponderKms, request.ReceiverKmsUri),
        ];
        if (request.IncludeSecurityPolicy)
        {
            payloads.Add(MikeySecurityPolicy.PrivateCallDefault);
        }

        payloads.Add(Encapsulate(request.ReceiverDomain, request.ReceiverUid, secret));
        if (request.SakkeToSelfDomain is not null)
        {
            payloads.Add(MikeyGeneralExtension.FromSakkeToSelf(Encapsulate(request.SakkeToSelfDomain, request.InitiatorUid, secret)));
        }

        payloads.Add(new MikeySignature(new byte[MikeySignature.ValueSizeInBytes]));
        return payloads;
    }

    private static MikeySakke Encapsulate(SakkePublicKey domain, ReadOnlyMemory<byte> uid, ReadOnlySpan<byte> secret)
    {
        byte[] encapsulated = new byte[MikeySakke.EncapsulatedSizeInBytes];
        domain.EncapsulateSecret(uid.Span, secret, encapsulated);
        return new MikeySakke(MikeyIdentifierScheme.HashedUid, encapsulated);
    }

    private static void RequireUid(ReadOnlyMemory<byte> uid, string name)
    {
        if (uid.Length != MikeyIdentity.UidSizeInBytes)
        {
            throw new ArgumentException("A UID has exactly 32 octets.", name);
        }
    }
}
