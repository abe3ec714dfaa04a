namespace Watchword.Mikey;

/// <summary>
/// Which payloads an I_MESSAGE holds, how often and in which order (RFC 6509 §2.1, TS 33.180 E.1.2): T first, RAND second, SIGN last;
/// between RAND and SIGN any order, because deployed peers differ. IDRi, IDRr (or their UIDs), IDRkmsi, IDRkmsr and SAKKE are
/// mandatory. The order that is sent is that of RFC 6509.
/// </summary>
internal sealed class MikeyStructure
{
    private readonly HashSet<(MikeyPayloadType Type, int Detail)> _seen = [];
    private int _count;

    /// <summary>The signature has been read: nothing may follow.</summary>
    public bool IsEnded => Has(MikeyPayloadType.Signature);

    public MikeyFormatReason Add(MikeyPayload payload)
    {
        MikeyPayloadType? expected = IsEnded ? MikeyPayloadType.None : _count switch
        {
            0 => MikeyPayloadType.Timestamp,
            1 => MikeyPayloadType.Random,
            _ => null,
        };
        if (expected is not null && payload.PayloadType != expected)
        {
            return MikeyFormatReason.WrongOrder;
        }

        _count++;
        return IsRepeatable(payload) || _seen.Add((payload.PayloadType, Detail(payload)))
            ? MikeyFormatReason.None
            : MikeyFormatReason.Duplicate;
    }

    public bool IsComplete =>
        Has(MikeyPayloadType.Sakke)
        && IsEnded
        && Has(MikeyPayloadType.Identity, (int)MikeyIdentityRole.Initiator)
        && Has(MikeyPayloadType.Identity, (int)MikeyIdentityRole.Responder)
        && Has(MikeyPayloadType.Identity, (int)MikeyIdentityRole.InitiatorKms)
        && Has(MikeyPayloadType.Identity, (int)MikeyIdentityRole.ResponderKms);

    private bool Has(MikeyPayloadType type, int detail = 0) => _seen.Contains((type, detail));

    private static bool IsRepeatable(MikeyPayload payload) => payload is MikeyGeneralExtension
    {
        ExtensionType: not (MikeyGeneralExtension.SakkeToSelf or MikeyGeneralExtension.KeyParameters),
    };

    // What makes two payloads of one type differ. A UID stands in place of the URI, so it counts as the same identity.
    private static int Detail(MikeyPayload payload) => payload switch
    {
        MikeyIdentity { Role: MikeyIdentityRole.InitiatorUid } => (int)MikeyIdentityRole.Initiator,
        MikeyIdentity { Role: MikeyIdentityRole.ResponderUid } => (int)MikeyIdentityRole.Responder,
        MikeyIdentity identity => (int)identity.Role,
        MikeySecurityPolicy policy => policy.PolicyNumber,
        MikeyGeneralExtension extension => extension.ExtensionType,
        _ => 0,
    };
}
