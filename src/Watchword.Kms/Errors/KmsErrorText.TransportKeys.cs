namespace Watchword.Kms;

public sealed partial record KmsErrorText
{
    private static KmsErrorText OfTransportKeys(KmsError error) => error switch
    {
        KmsError.SignedRequestMalformed => new(
            "the signed request is malformed, or its signature is not of the form of the security extension",
            "TS 33.180 D.2.2",
            "Sign the KmsRequest as a whole with HMAC-SHA256 over canonical XML, with one reference and a key name"),
        KmsError.SignatureMissing => new(
            "Signature-ID names a signature, and there is none",
            "TS 33.180 D.2.2", "Send the request signed as it was, or without Signature-ID if the client has no keys"),
        KmsError.ClientIdMissing => new(
            "a signed request names no client in ClientId",
            "TS 33.180 D.2.2", "Send the ClientId that the client was enrolled with"),
        KmsError.EnrolmentMalformed => new(
            "the enrolment has a part that cannot be kept",
            "TS 33.180 D.1", "Give the identity as a URI and the client id, each of at most 256 octets"),
        KmsError.TransportKeyIdTaken => new(
            "a key of that id exists already",
            "TS 33.180 D.1", "Import the keys under ids that no client of the identity has"),
        KmsError.TransportKeyUnknown => new(
            "the key named by the signature is not one of this client of an identity of the access token",
            "TS 33.180 D.2.2", "Sign with the newest key that the client holds; if that is refused, too, have it enrolled anew"),
        KmsError.SignatureInvalid => new(
            "the signature does not hold",
            "TS 33.180 D.2.2", "Sign with the key that is named; have the client enrolled anew if it has another key"),
        KmsError.RequestReplayed => new(
            "this signed request was answered before",
            "TS 33.180 D.2.2", "Make and sign a new request for each attempt"),
        KmsError.SignatureRequired => new(
            "requests of this requester must be signed",
            "TS 33.180 D.2.2", "Sign with the keys that the client was enrolled with, or have this client enrolled, too"),
        KmsError.TransportKeyRequired => new(
            "key material is only sent wrapped, and this client has no transport key",
            "TS 33.180 D.1", "Have the client enrolled"),
        KmsError.ClientAmbiguous => new(
            "several clients of this identity are enrolled and the request does not say which one asks",
            "TS 33.180 D.2.2", "Send a KmsRequest with the ClientId that the client was enrolled with"),
        KmsError.TransportKeyNotHeld => new(
            "TrK-ID is not a transport key of this client",
            "TS 33.180 D.2.2", "Declare the newest transport key that the client holds, or none"),
        KmsError.ClientNotEnrolled => new(
            "no such client is enrolled",
            "TS 33.180 D.1", "List the clients of the identity"),
        KmsError.TransportKeysExported => new(
            "the keys of this client were given out before, and are given out once",
            "TS 33.180 D.1", "Enrol the client anew, which gives it other keys"),
        KmsError.ClientEnrolled => new(
            "the client has keys already",
            "TS 33.180 D.1", "Say that they are to be replaced, or choose another client id"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
