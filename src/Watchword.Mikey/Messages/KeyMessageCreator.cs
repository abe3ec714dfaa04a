namespace Watchword.Mikey;

/// <summary>
/// The one creator of messages, for every <see cref="KeyDistribution"/>. It holds what all messages of one key at one time have
/// in common; threads may share it.
/// </summary>
internal sealed class KeyMessageCreator
{
    private readonly KeyDistribution _distribution;
    private readonly MikeyKey _key;
    private readonly MikeySender _sender;
    private readonly KeyMessageOptions _options;
    private readonly DateTimeOffset _time;
    private readonly MikeyTimestamp _timestamp;
    private readonly MikeyRandom _random;
    private readonly MikeyIdentity _initiator;
    private readonly MikeyIdentity _initiatorKms;
    private readonly byte[]? _parameters;
    private readonly MikeyGeneralExtension? _toSelf;

    public KeyMessageCreator(
        KeyDistribution distribution, MikeyKey key, MikeySender sender, DateTimeOffset time, KeyMessageOptions options)
    {
        Require(key.Purpose == distribution.Purpose, "The key is of another purpose.", nameof(key));
        Require(options.Sessions.All(distribution.Sessions.Contains), "A crypto session is of another purpose.", nameof(options));
        bool parametersFit = options.Parameters is not { } parameters || parameters.KeyType == key.Purpose;
        Require(parametersFit, "The parameters are of another purpose.", nameof(options));
        RequireUid(sender.SigningKey.Identity);
        (_distribution, _key, _sender, _time, _options) = (distribution, key, sender, time, options);
        _timestamp = MikeyTimestamp.FromDateTimeOffset(time);
        _random = new MikeyRandom(key.Random);
        // The URI is checked even where its UID stands for it.
        _initiator = MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, sender.Uri);
        if (options.HideIdentities)
        {
            _initiator = MikeyIdentity.FromUid(MikeyIdentityRole.InitiatorUid, sender.SigningKey.Identity);
        }

        _initiatorKms = MikeyIdentity.FromUri(MikeyIdentityRole.InitiatorKms, sender.KmsUri);
        _parameters = options.Parameters?.Encode(options.ParametersForm);
        _toSelf = options.SakkeToSelf ? EncapsulateToSelf() : null;
    }

    /// <summary>Assembles and signs the message to one receiver.</summary>
    public byte[] Create(MikeyRecipient recipient, ReadOnlyMemory<byte> encapsulated)
    {
        MikeyIdentity responder = MikeyIdentity.FromUri(MikeyIdentityRole.Responder, recipient.Uri);
        if (_options.HideIdentities)
        {
            responder = MikeyIdentity.FromUid(MikeyIdentityRole.ResponderUid, recipient.Uid.Span);
        }

        uint csbId = _key.IdFor(recipient.Uri);
        // The order of RFC 6509 §2.1 with the additions of TS 33.180 E.1.2; the signature is filled in afterwards.
        List<MikeyPayload> payloads =
        [
            _timestamp,
            _random,
            _initiator,
            responder,
            _initiatorKms,
            MikeyIdentity.FromUri(MikeyIdentityRole.ResponderKms, recipient.KmsUri),
        ];
        if (_options.IncludeSecurityPolicy || _options.Sessions.Count > 0)
        {
            payloads.Add(_distribution.DefaultPolicy);
        }

        payloads.Add(new MikeySakke(MikeyIdentifierScheme.HashedUid, encapsulated));
        if (_parameters is not null)
        {
            payloads.Add(KeyParametersProtection.Protect(_parameters, _key.Secret.Span, csbId, _time));
        }

        if (_toSelf is not null)
        {
            payloads.Add(_toSelf);
        }

        payloads.Add(MikeySignature.Placeholder);
        byte[] octets = MikeyMessage.Encode(new MikeyHeader(csbId, Map(csbId)), payloads);
        int signedSize = octets.Length - MikeySignature.ValueSizeInBytes;
        _sender.SigningKey.Sign(octets.AsSpan(0, signedSize), octets.AsSpan(signedSize));
        return octets;
    }

    /// <exception cref="ArgumentException">Another size than 32 octets.</exception>
    public static void RequireUid(ReadOnlySpan<byte> uid)
    {
        if (uid.Length != MikeyIdentity.UidSizeInBytes)
        {
            throw new ArgumentException("A UID has exactly 32 octets.", nameof(uid));
        }
    }

    private static void Require(bool fits, string message, string name)
    {
        if (!fits)
        {
            throw new ArgumentException(message, name);
        }
    }

    private MikeyGeneralExtension EncapsulateToSelf()
    {
        Require(_sender.Domain is not null, "SAKKE-to-self needs the sender's own domain.", nameof(MikeySender));
        byte[] encapsulated = new byte[MikeySakke.EncapsulatedSizeInBytes];
        _sender.Domain!.EncapsulateSecret(_sender.SigningKey.Identity, _key.Secret.Span, encapsulated);
        return MikeyGeneralExtension.FromSakkeToSelf(new MikeySakke(MikeyIdentifierScheme.HashedUid, encapsulated));
    }

    private MikeyCsIdMap Map(uint csbId)
    {
        if (_options.Sessions.Count == 0)
        {
            return MikeyCsIdMap.Empty;
        }

        byte[] spi = KeySpi.Of(_distribution, _key.KeyId, csbId);
        byte[] policies = [(byte)_distribution.DefaultPolicy.PolicyNumber];
        return new MikeyGenericIdMap(_options.Sessions.Select(
            session => new MikeyGenericSession((int)session, SessionFlag: false, policies, default, spi)));
    }
}
