namespace Watchword.Kms;

public sealed partial record KmsErrorText
{
    private static KmsErrorText? OfPartners(KmsError error) => error switch
    {
        KmsError.MalformedRedirectResponse => new("the body carries no KMS redirect response that can be read, or too many",
            "TS 33.180 D.2.8", "Send a KmsRequest with the redirect responses received in KrrList"),
        KmsError.PartnerCertificateMalformed => new("that is no KMS certificate that this KMS can give to its clients",
            "TS 33.180 D.3.2", "Ask the partner for its KmsCertificate document"),
        KmsError.FingerprintMismatch => new("the fingerprint is not that of the imported KMS certificate",
            "TS 33.180 D.3.2",
            "Compare the whole fingerprint with the partner's officer over another channel; do not approve it otherwise"),
        KmsError.IdentityDomainMalformed => new("that is no identity domain",
            "TS 33.180 D.3.2", "Give a host name, *. and a host name, or tel:+ and leading digits"),
        KmsError.PartnerAddressMalformed => new("the address of a migration KMS is not an https URL without path",
            "TS 33.180 D.1", "Give scheme and authority alone"),
        KmsError.GrantMalformed => new("the migration grant names no identity, or ends before it begins",
            "TS 33.180 5.3.1", "Give a sip: or tel: URI and a period"),
        KmsError.MigrationNotGranted => new("the identity belongs to another domain and no grant lets this KMS key it",
            "TS 33.180 5.3.1", "Ask the home KMS of the identity, or have the crypto officer grant the migration"),
        KmsError.SecondOfficerNeeded => new("who imported a KMS certificate may not approve it",
            "TS 33.180 D.3.2", "Let another crypto officer compare the fingerprint"),
        KmsError.PartnerRecordUnknown => new(
            "there is no such partner record in this domain", "-", "List the partners of the domain"),
        KmsError.PartnerUnknown => new("no certificate of that KMS is known here",
            "TS 33.180 D.2.6", "Ask for the certificates of the cache, or have the crypto officer import it"),
        KmsError.LookupUnknown => new("no KMS is known to be responsible for that URI",
            "TS 33.180 D.2.7", "Have the crypto officer import the certificate of the KMS of that domain"),
        KmsError.PartnerExpired => new("the certificate of that KMS is past its validity and no other is known",
            "TS 33.180 D.3.2", "Have the crypto officer import the new certificate of the partner"),
        KmsError.GrantUnknown => new("there is no such migration grant that stands", "-", "List the grants of the domain"),
        KmsError.PartnerChanged => new("the partner record is not in the state expected",
            "TS 33.180 D.3.2", "Read the state of the partner again, then decide"),
        KmsError.IdentityDomainConflict => new("the partner claims an identity domain of this domain's own users",
            "TS 33.180 5.3.1", "Ask the partner which domains it serves; a lookup must never lead own users astray"),
        KmsError.PartnerExists => new("a certificate of that KMS is approved already",
            "TS 33.180 D.3.2", "Import the new one as its replacement"),
        KmsError.PartnerIsOwnDomain => new("a domain is no partner of itself", "TS 33.180 5.3.1", "Name another KMS"),
        KmsError.ReplacementDiffers => new("the replacement names another KMS than the certificate to be replaced",
            "TS 33.180 D.3.2", "Import it as a partner of its own"),
        _ => null,
    };
}
