namespace Watchword.Kms;

public sealed partial record KmsErrorText
{
    private static KmsErrorText OfAssertedIdentity(KmsError error) => error switch
    {
        KmsError.AssertedIdentityMissing => new(
            "the request has neither an access token nor an asserted identity", "TS 24.482 A.2.3",
            "Send an access token as Bearer, or one identity in X-3GPP-Asserted-Identity"),
        KmsError.AssertedIdentityMalformed => new(
            "X-3GPP-Asserted-Identity is not exactly one quoted identity", "TS 24.109",
            "Send the header once, with one sip: or tel: URI in quotation marks"),
        KmsError.AssertedIdentityNotAllowed => new(
            "the peer may not assert this identity", "TS 24.482 A.2.3",
            "The operator lists the identity among the EntityUris of the peer"),
        KmsError.PeerNotTrusted => new(
            "the client certificate is not one of a trusted peer within its validity", "TS 24.482 A.2.3",
            "Connect with a valid certificate whose thumbprint the operator has listed"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static KmsErrorText OfDomain(KmsError error) => error switch
    {
        KmsError.IssuerNotAccepted => new(
            "the security domain does not key requesters of this issuer", "TS 33.180 5.3.3",
            "Use a token of an IdM server that the domain accepts, or ask the KMS of your own domain"),
        KmsError.GenerationNotIssuing => new("the KMS certificate of that time is not to be used any more",
            "TS 33.180 D.3.2", "Fetch the KMS certificate again with init, then ask for a time of its validity"),
        KmsError.UnknownDomain => new("no security domain is served under this scheme, host and port",
            "TS 33.180 D.2.1", "Use the KMS address that was configured for your domain"),
        KmsError.UnknownGeneration => new(
            "the security domain has no generation of that number", "TS 33.180 D.3.2", "List the generations of the domain"),
        KmsError.GenerationStateConflict => new("the state of the generation does not allow that, or has just changed",
            "TS 33.180 D.3.2", "Read the state of the domain again, then decide"),
        KmsError.NotAtPeriodBoundary => new("a generation takes over where a key period ends, or at once",
            "TS 33.180 F.2.1",
            "Name the end of a key period of the generation before, or no time for the next that leaves its window"),
        KmsError.TakeoverPending => new("another generation is about to take over", "TS 33.180 D.3.2",
            "Wait until it has taken over, or taint it first"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
