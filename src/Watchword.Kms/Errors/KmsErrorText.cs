namespace Watchword.Kms;

/// <summary>What a person is told about an error.</summary>
/// <param name="Cause">What happened.</param>
/// <param name="Clause">The clause or rule behind it.</param>
/// <param name="NextStep">What to do now.</param>
public sealed partial record KmsErrorText(string Cause, string Clause, string NextStep)
{
    /// <summary>The text of <paramref name="error"/>; every member of the enumeration has one.</summary>
    public static KmsErrorText Of(KmsError error) => error switch
    {
        KmsError.None => new("no error", "-", "Nothing to do"),
        _ when OfPartners(error) is { } text => text,
        _ when OfAdministration(error) is { } text => text,
        _ when OfPreparation(error) is { } text => text,
        KmsError.Sealed or KmsError.UnsealTooOften
            or (>= KmsError.KeyEncryptionKeyNotConfigured and <= KmsError.CustodyDocumentMissing) => OfCustody(error),
        (>= KmsError.SignedRequestMalformed and <= KmsError.TransportKeyIdTaken)
            or (>= KmsError.TransportKeyUnknown and <= KmsError.ClientEnrolled) => OfTransportKeys(error),
        >= KmsError.NoDomain => OfStart(error),
        >= KmsError.InternalError => OfFault(error),
        >= KmsError.InvalidToken => OfRefusal(error),
        _ => OfRequest(error),
    };

    private static KmsErrorText OfRequest(KmsError error) => error switch
    {
        KmsError.MalformedRequest => new("the body is not a KmsRequest",
            "TS 33.180 D.2.2", "Send an empty body or a KmsRequest that the published schema accepts"),
        KmsError.WrongKmsUri => new(
            "KmsUri names another KMS", "TS 33.180 D.2.2", "Send the KmsUri of the KMS certificate from init"),
        KmsError.WrongRequestUrl => new(
            "ClientReqUrl is not the URL posted to", "TS 33.180 D.2.2", "Repeat the URL of the request in ClientReqUrl"),
        KmsError.RequestTimeOutsideWindow => new("Time is too far from the clock of the KMS",
            "TS 33.180 D.2.2", "Set the clock of the client and give Time in UTC"),
        KmsError.SignedRequestNotSupported => new("not in use: signed requests are verified",
            "TS 33.180 D.2.2", "Nothing to do"),
        KmsError.MalformedUri => new("the URI of the path is not an identity that can be keyed",
            "TS 33.180 D.2.4", "Send one sip: or tel: URI as one percent-encoded path segment"),
        KmsError.MalformedTime => new(
            "the time of the path is not an NTP timestamp", "TS 33.180 D.2.4", "Send 16 hexadecimal digits (RFC 5905)"),
        KmsError.MalformedHttp => new("the HTTP request is malformed", "RFC 9112", "Mend the client"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static KmsErrorText OfRefusal(KmsError error) => error switch
    {
        KmsError.InvalidToken => new(
            "the access token is invalid or expired", "RFC 6750 3.1", "Refresh the access token and try again"),
        KmsError.NoToken => new(
            "the request has no access token", "TS 24.482 A.2.3", "Log in at the IdM server and send the access token as Bearer"),
        KmsError.InsufficientScope => new("the access token has no key-management scope with an identity of that service",
            "TS 33.180 B.10", "Ask the IdM server for a key-management scope of a service that the user has an identity in"),
        KmsError.IdentityNotRequesters => new("the identity asked for is not one that the access token gives the right to",
            "TS 33.180 5.3.3", "Ask for an identity of the token whose own key-management scope was granted"),
        KmsError.UserUriNotRequesters => new(
            "UserUri is not an identity of the access token", "TS 33.180 D.2.2", "Send an identity of the token in UserUri"),
        KmsError.PeriodNotOpen => new(
            "that key period is not open yet", "TS 33.180 5.3.3", "Ask for the next period once its opening window has begun"),
        KmsError.PeriodClosed => new("that key period is past", "TS 33.180 5.3.3", "Ask for the current key period"),
        KmsError.PeriodNotIssuedBefore => new("a key of that past period was not issued to this requester then",
            "TS 33.180 5.3.3", "Ask for the current key period"),
        >= KmsError.AssertedIdentityMissing and <= KmsError.PeerNotTrusted => OfAssertedIdentity(error),
        >= KmsError.RequesterDisabled and <= KmsError.IssuerSilent => OfStanding(error),
        >= KmsError.IssuerNotAccepted and <= KmsError.GenerationNotIssuing => OfDomain(error),
        KmsError.UnknownDomain or KmsError.UnknownGeneration => OfDomain(error),
        >= KmsError.GenerationStateConflict and <= KmsError.TakeoverPending => OfDomain(error),
        KmsError.UnknownResource => new(
            "there is no such resource", "TS 33.180 D.2.1", "Post to one of the paths of the interface"),
        KmsError.MethodNotAllowed => new("the resource only knows POST", "TS 33.180 D.2.1", "Use POST"),
        KmsError.BodyTooLarge => new("the body is too large", "RFC 9110 15.5.14", "Send a KmsRequest of at most 64 KiB"),
        KmsError.TooManyRequests => new(
            "too many requests of this requester", "RFC 6585 4",
            "Wait as long as Retry-After says; keys do not change within a period"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static KmsErrorText OfStanding(KmsError error) => error switch
    {
        KmsError.RequesterDisabled => new("the requester is disabled or removed, or his tokens were ended",
            "RFC 8417", "Ask the user administrator; once enabled again, log in anew"),
        KmsError.IdentityMoved => new("the identity was keyed for another user in this key period",
            "TS 33.180 5.3.3", "Ask again in the next key period, or ask the crypto officer"),
        KmsError.IssuerSilent => new("the IdM server has not confirmed for too long that no user was disabled",
            "RFC 8935", "Try again later; the operator looks at the connection between IdM server and KMS"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static KmsErrorText OfFault(KmsError error) => error switch
    {
        KmsError.InternalError => new("the KMS failed", "-", "Tell the operator the correlation id"),
        KmsError.SelfCheckFailed => new(
            "a key did not pass its check and was destroyed", "RFC 6507 5.1.2", "Tell the operator the correlation id"),
        KmsError.RepeatDiffers => new("a key came out differently from the one issued before and was destroyed",
            "TS 33.180 5.3.3", "Tell the operator the correlation id"),
        KmsError.ClockBehindAudit => new(
            "the clock of the KMS is behind its audit log", "-", "The operator sets the clock; then try again"),
        KmsError.StoreUnavailable => new(
            "the audit log cannot be written, so nothing is issued", "-",
            "Try again later; the operator looks at the data directory"),
        KmsError.NothingIssuing => new(
            "the security domain has no KMS certificate that is valid now", "TS 33.180 D.3.2",
            "Try again later; a crypto officer activates a generation"),
        KmsError.StandingUnknown => new(
            "the issuer of the token has not been heard of for too long", "RFC 8417",
            "Try again later; the operator looks at the events of the IdM server"),
        KmsError.TokenKeysUnavailable => new(
            "the keys of the token's issuer cannot be had at present", "RFC 7517", "Try again later"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static KmsErrorText OfStart(KmsError error) => error switch
    {
        KmsError.NoDomain => new(
            "the data directory holds no security domain", "TS 33.180 5.2.1",
            "Create one with the verb init-domain, or mend Kms:DataDirectory"),
        KmsError.DomainExists => new(
            "the data directory already holds a security domain", "TS 33.180 5.2.1",
            "Start the KMS, or choose another data directory"),
        KmsError.SecretFilePermissions => new(
            "a file that holds a secret is open to group or others", "-", "chmod 600 it, and ask who may have read it"),
        KmsError.SecretFileUnreadable => new("a file that holds a secret cannot be read", "-", "Check the path and its owner"),
        KmsError.KeyEncryptionKeyMalformed => new("the key-encryption key or passphrase has the wrong form",
            "-", "A key file holds 32 octets, or their base64; a passphrase at least 12 octets"),
        KmsError.CustodyMalformed => new("the custody file is not what this KMS wrote", "-", "Restore it from the backup"),
        KmsError.CustodyNotOpened => new(
            "the master secrets do not open", "NIST SP 800-38D",
            "Check that key-encryption key, custody file and store belong together"),
        KmsError.CustodyWithoutDomain => new("custody holds master secrets but the store knows no domain",
            "-", "Restore the database, or move the custody file away to begin a new domain"),
        KmsError.CustodyMismatch => new(
            "the master secrets do not give the public keys of the domain", "-",
            "Restore custody file and database from the same backup"),
        KmsError.LabData => new("the data directory was made by the lab", "-", "Use a data directory of its own for production"),
        KmsError.ConfigurationInvalid => new("the configuration has faults", "-", "Mend all of them and start again"),
        KmsError.AuditBroken => new(
            "the audit log does not verify", "-", "Keep the data directory as evidence and restore from the backup"),
        >= KmsError.StoreTooNew => OfStore(error),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    private static KmsErrorText OfStore(KmsError error) => error switch
    {
        KmsError.StoreTooNew => new(
            "the database was written by a newer KMS", "-", "Start the newer release, or restore the backup made before the upgrade"),
        KmsError.DomainNotChosen => new(
            "the store holds several security domains and none was named", "TS 33.180 5.2.1", "Name the KMS URI of the domain"),
        KmsError.GenerationChanged => new(
            "the generation is not in the state expected", "TS 33.180 D.3.2", "Read the state of the domain again, then decide"),
        KmsError.AuditHeadMismatch => new(
            "the audit log is not what this node last signed of it", "-",
            "Keep database and file as evidence; after a restore that you know of, use audit accept-head"),
        KmsError.BackupOriginUnproven => new(
            "the backup is not signed by the audit key given", "-",
            "Do not restore it unless you know who made it; give the key of that installation (audit public-key)"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
