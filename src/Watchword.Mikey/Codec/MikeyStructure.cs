namespace Watchword.Mikey;

/// <summary>
/// Which payloads an I_MESSAGE holds, how often and in which order (RFC 6509 §2.1, TS 33.180 E.1.2): T first, RAND second, SIGN last;
/// between RAND and SIGN any order, because deployed peers differ. IDRi, IDRr (or their UIDs), IDRkmsi, IDRkmsr and SAKKE are
/// mandatory. The order that is sent is that of RFC 6509.
/// </summary>
/// <remarks>A value on the stack, so that reading allocates only what it gives back. The default is a message without payloads.</remarks>
internal struct MikeyStructure
{
    /// <summary>The most payloads that a message holds; a real one has about ten.</summary>
    public const int MaximumPayloads = 64;

    private const Parts Mandatory =
        Parts.Initiator | Parts.Responder | Parts.InitiatorKms | Parts.ResponderKms | Parts.Sakke | Parts.Signature;

    private Parts _seen;
    private OctetSet _policies;

    [Flags]
    private enum Parts
    {
        None = 0,
        Initiator = 1,
        Responder = 2,
        InitiatorKms = 4,
        ResponderKms = 8,
        Sakke = 16,
        Signature = 32,
        SakkeToSelf = 64,
        KeyParameters = 128,
        Timestamp = 256,
        Random = 512,
    }

    /// <summary>The number of payloads.</summary>
    public int Count { get; private set; }

    /// <summary>The signature has been read: nothing may follow.</summary>
    public readonly bool IsEnded => (_seen & Parts.Signature) != 0;

    public readonly bool IsComplete => (_seen & Mandatory) == Mandatory;

    public MikeyFormatReason Add(MikeyPayload payload)
    {
        MikeyPayloadType? expected = IsEnded ? MikeyPayloadType.None : Count switch
        {
            0 => MikeyPayloadType.Timestamp,
            1 => MikeyPayloadType.Random,
            _ => null,
        };
        if (expected is not null && payload.PayloadType != expected)
        {
            return MikeyFormatReason.WrongOrder;
        }

        if (Count == MaximumPayloads)
        {
            return MikeyFormatReason.TooMany;
        }

        Count++;
        return IsNew(payload) ? MikeyFormatReason.None : MikeyFormatReason.Duplicate;
    }

    private bool IsNew(MikeyPayload payload)
    {
        if (payload is MikeySecurityPolicy policy)
        {
            return _policies.Add((byte)policy.PolicyNumber);
        }

        Parts part = PartOf(payload);
        bool isNew = (_seen & part) == 0;
        _seen |= part;
        return isNew;
    }

    // A UID stands in place of the URI, so it counts as the same identity. Of other extensions there may be many.
    private static Parts PartOf(MikeyPayload payload) => payload switch
    {
        MikeyTimestamp => Parts.Timestamp,
        MikeyRandom => Parts.Random,
        MikeySakke => Parts.Sakke,
        MikeySignature => Parts.Signature,
        MikeyIdentity { Role: MikeyIdentityRole.Initiator or MikeyIdentityRole.InitiatorUid } => Parts.Initiator,
        MikeyIdentity { Role: MikeyIdentityRole.Responder or MikeyIdentityRole.ResponderUid } => Parts.Responder,
        MikeyIdentity { Role: MikeyIdentityRole.InitiatorKms } => Parts.InitiatorKms,
        MikeyIdentity { Role: MikeyIdentityRole.ResponderKms } => Parts.ResponderKms,
        MikeyGeneralExtension { ExtensionType: MikeyGeneralExtension.SakkeToSelf } => Parts.SakkeToSelf,
        MikeyGeneralExtension { ExtensionType: MikeyGeneralExtension.KeyParameters } => Parts.KeyParameters,
        _ => Parts.None,
    };
}
