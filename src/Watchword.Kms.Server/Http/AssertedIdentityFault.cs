namespace Watchword.Kms.Server.Http;

/// <summary>
/// Why a request was not authenticated on a listener for asserted identities. The numbers never change and stand among those of
/// <see cref="KmsError"/>: <c>docs/errors/kms.md</c> lists them all.
/// </summary>
internal enum AssertedIdentityFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>There is neither an access token nor an asserted identity.</summary>
    Missing = 40308,

    /// <summary>The header is not exactly one quoted identity.</summary>
    Malformed = 40309,

    /// <summary>The peer may not assert this identity.</summary>
    NotAllowed = 40310,

    /// <summary>The certificate of the connection is none of a peer, or not any longer.</summary>
    PeerNotTrusted = 40311,
}

/// <summary>What a person is told about these faults.</summary>
internal static class AssertedIdentityFaults
{
    /// <summary>The text of <paramref name="fault"/>.</summary>
    public static KmsErrorText TextOf(AssertedIdentityFault fault) => fault switch
    {
        AssertedIdentityFault.Missing => new(
            "the request has neither an access token nor an asserted identity", "TS 24.482 A.2.3",
            "Send an access token as Bearer, or one identity in X-3GPP-Asserted-Identity"),
        AssertedIdentityFault.Malformed => new(
            "X-3GPP-Asserted-Identity is not exactly one quoted identity", "TS 24.109",
            "Send the header once, with one sip: or tel: URI in quotation marks"),
        AssertedIdentityFault.NotAllowed => new(
            "the peer may not assert this identity", "TS 24.482 A.2.3",
            "The operator lists the identity among the EntityUris of the peer"),
        AssertedIdentityFault.PeerNotTrusted => new(
            "the client certificate is not one of a trusted peer within its validity", "TS 24.482 A.2.3",
            "Connect with a valid certificate whose thumbprint the operator has listed"),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
