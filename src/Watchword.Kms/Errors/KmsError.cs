namespace Watchword.Kms;

/// <summary>
/// Everything that can go wrong in a KMS, with numbers that never change: for a request, the HTTP status and two more digits;
/// from 60001, reasons why the KMS does not start or is not initialised. <c>docs/errors/kms.md</c> has a section for each.
/// </summary>
public enum KmsError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The body is neither empty nor a well-formed KmsRequest.</summary>
    MalformedRequest = 40001,

    /// <summary>The KmsUri of the body is not this KMS.</summary>
    WrongKmsUri = 40002,

    /// <summary>The ClientReqUrl of the body is not the URL that was posted to.</summary>
    WrongRequestUrl = 40003,

    /// <summary>The Time of the body is too far from the clock of the KMS.</summary>
    RequestTimeOutsideWindow = 40004,

    /// <summary>Not in use since signed requests are verified; the number stays taken.</summary>
    SignedRequestNotSupported = 40005,

    /// <summary>The {uri} of the path is not an identity that can be keyed.</summary>
    MalformedUri = 40006,

    /// <summary>The {time} of the path is not a 64-bit NTP timestamp.</summary>
    MalformedTime = 40007,

    /// <summary>The HTTP request itself is malformed.</summary>
    MalformedHttp = 40008,

    /// <summary>The body of redirect carries no KMS redirect response that can be read, or too many.</summary>
    MalformedRedirectResponse = 40009,

    /// <summary>What was imported is no KMS certificate that this KMS can give to its clients.</summary>
    PartnerCertificateMalformed = 40010,

    /// <summary>The fingerprint that the officer gave is not that of the imported KMS certificate.</summary>
    FingerprintMismatch = 40011,

    /// <summary>A pattern is no identity domain.</summary>
    IdentityDomainMalformed = 40012,

    /// <summary>The address of a migration KMS is not an https URL without path.</summary>
    PartnerAddressMalformed = 40013,

    /// <summary>A migration grant names no identity, or ends before it begins.</summary>
    GrantMalformed = 40014,
    /// <summary>The signed request cannot be read, or its signature is of another form or covers something else.</summary>
    SignedRequestMalformed = 40020,

    /// <summary>A request without signature says in Signature-ID that it has one.</summary>
    SignatureMissing = 40021,

    /// <summary>A signed request names no client.</summary>
    ClientIdMissing = 40022,

    /// <summary>What is to be enrolled or exported cannot be.</summary>
    EnrolmentMalformed = 40023,

    /// <summary>A client of the identity has a key of the imported id.</summary>
    TransportKeyIdTaken = 40024,

    /// <summary>The access token is invalid or expired.</summary>
    InvalidToken = 40101,

    /// <summary>The request carries no access token.</summary>
    NoToken = 40301,

    /// <summary>The access token has no key-management scope with an identity to it.</summary>
    InsufficientScope = 40302,

    /// <summary>The identity asked for is not one that the access token asserts with its own key-management scope.</summary>
    IdentityNotRequesters = 40303,

    /// <summary>The UserUri of the body is not an identity of the access token.</summary>
    UserUriNotRequesters = 40304,

    /// <summary>The key period asked for is not open yet.</summary>
    PeriodNotOpen = 40305,

    /// <summary>The key period asked for is past the configured history.</summary>
    PeriodClosed = 40306,

    /// <summary>The key period asked for is past, and this requester did not get this identity's key then.</summary>
    PeriodNotIssuedBefore = 40307,

    /// <summary>There is neither an access token nor an asserted identity.</summary>
    AssertedIdentityMissing = 40308,

    /// <summary>The header is not exactly one quoted identity.</summary>
    AssertedIdentityMalformed = 40309,

    /// <summary>The peer may not assert this identity.</summary>
    AssertedIdentityNotAllowed = 40310,

    /// <summary>The certificate of the connection is none of a peer, or not any longer.</summary>
    PeerNotTrusted = 40311,

    /// <summary>The requester is disabled or removed, or his tokens were ended, by the events of his issuer.</summary>
    RequesterDisabled = 40312,

    /// <summary>The identity was keyed for another requester in this key period.</summary>
    IdentityMoved = 40313,

    /// <summary>The issuer of the requester has not vouched for his events for too long.</summary>
    IssuerSilent = 40314,

    /// <summary>The key that the signature names is none of an enrolled client of the token's identities.</summary>
    TransportKeyUnknown = 40320,

    /// <summary>The signature does not hold.</summary>
    SignatureInvalid = 40321,

    /// <summary>A signed request was taken before.</summary>
    RequestReplayed = 40322,

    /// <summary>The request is not signed, and the requester's must be.</summary>
    SignatureRequired = 40323,

    /// <summary>Key material only leaves wrapped, and the client has no transport key.</summary>
    TransportKeyRequired = 40324,

    /// <summary>Several clients are enrolled, and the request does not say which one asks.</summary>
    ClientAmbiguous = 40325,

    /// <summary>The transport key that the request declares is none of the client's.</summary>
    TransportKeyNotHeld = 40326,

    /// <summary>There is no such enrolled client.</summary>
    ClientNotEnrolled = 40327,

    /// <summary>The first keys of the client were given out already, or were made elsewhere.</summary>
    TransportKeysExported = 40328,

    /// <summary>The client has keys already.</summary>
    ClientEnrolled = 40329,

    /// <summary>The security domain does not key requesters of this issuer.</summary>
    IssuerNotAccepted = 40330,

    /// <summary>The identity belongs to another domain, and no grant lets this one key it.</summary>
    MigrationNotGranted = 40331,

    /// <summary>The generation of the domain that the time asked for belongs to is tainted or revoked.</summary>
    GenerationNotIssuing = 40332,

    /// <summary>Who imported a KMS certificate may not approve it himself.</summary>
    SecondOfficerNeeded = 40335,

    /// <summary>The access token has the scopes of several roles of the admin API.</summary>
    SeveralRoles = 40340,

    /// <summary>The access token has no scope of a role that may do this.</summary>
    RoleMissing = 40341,

    /// <summary>Whoever acted in one role in a domain may not act in another there.</summary>
    RoleConflict = 40342,

    /// <summary>The issuer of the access token is none whose administrators are accepted.</summary>
    AdminIssuerNotAccepted = 40343,

    /// <summary>There is no such resource in the admin API.</summary>
    UnknownAdminResource = 40410,

    /// <summary>The store cannot be part of a backup here.</summary>
    StoreNotInBackup = 40412,

    /// <summary>There is no such resource.</summary>
    UnknownResource = 40401,

    /// <summary>No security domain is served under the scheme, host and port of the request.</summary>
    UnknownDomain = 40402,

    /// <summary>There is no such partner record in the domain.</summary>
    PartnerRecordUnknown = 40405,

    /// <summary>No certificate of that KMS is known to the domain.</summary>
    PartnerUnknown = 40406,

    /// <summary>No KMS is known to be responsible for that URI.</summary>
    LookupUnknown = 40407,

    /// <summary>The certificate of that KMS is past its validity and no other is known.</summary>
    PartnerExpired = 40408,

    /// <summary>There is no such migration grant that stands.</summary>
    GrantUnknown = 40409,
    /// <summary>The security domain has no generation of that number.</summary>
    UnknownGeneration = 40403,

    /// <summary>The resource only knows POST.</summary>
    MethodNotAllowed = 40501,

    /// <summary>A partner record is not in the state that was expected: somebody else changed it meanwhile.</summary>
    PartnerChanged = 40910,

    /// <summary>A partner claims an identity domain of the domain's own users.</summary>
    IdentityDomainConflict = 40911,

    /// <summary>A certificate of that KMS is approved already.</summary>
    PartnerExists = 40912,

    /// <summary>A domain was to become a partner of itself.</summary>
    PartnerIsOwnDomain = 40913,

    /// <summary>A replacement names another KMS than the certificate that it is to replace.</summary>
    ReplacementDiffers = 40914,
    /// <summary>The generation is not in a state that allows the act, or somebody else was faster.</summary>
    GenerationStateConflict = 40901,

    /// <summary>Preparing ahead is off in the configuration of this node.</summary>
    PreparationOff = 40934,

    /// <summary>The preparation runs: a list cannot be added to it now.</summary>
    PreparationRunning = 40935,

    /// <summary>There is no such preparation, or it does not run.</summary>
    PreparationNotRunning = 40936,

    /// <summary>The list of identities to be prepared is empty, too long, or has an entry that is no name.</summary>
    PreparationListRefused = 40044,

    /// <summary>A generation can only take over where a key period of the one before ends, or at once.</summary>
    NotAtPeriodBoundary = 40902,

    /// <summary>Another generation is about to take over.</summary>
    TakeoverPending = 40903,

    /// <summary>The body is longer than the limit.</summary>
    BodyTooLarge = 41301,

    /// <summary>The requester asks too often.</summary>
    TooManyRequests = 42901,

    /// <summary>A fault of the KMS.</summary>
    InternalError = 50001,

    /// <summary>A key that was just issued did not pass its check; it was destroyed.</summary>
    SelfCheckFailed = 50002,

    /// <summary>A key that was issued before came out differently; it was destroyed.</summary>
    RepeatDiffers = 50003,

    /// <summary>The clock is behind the last audit record.</summary>
    ClockBehindAudit = 50301,

    /// <summary>The audit log or the store cannot be written.</summary>
    StoreUnavailable = 50302,

    /// <summary>The keys of the issuer that would verify the access token cannot be had.</summary>
    TokenKeysUnavailable = 50303,

    /// <summary>The security domain has no generation that is valid now.</summary>
    NothingIssuing = 50304,

    /// <summary>The key-encryption key exists only as shares, and not enough of them have been given yet.</summary>
    Sealed = 50310,

    /// <summary>Shares are given too fast, or too soon after some that did not combine.</summary>
    UnsealTooOften = 50311,

    /// <summary>The issuer of the token has not been heard of for too long, so nobody knows whether its subject may still be
    /// keyed.</summary>
    StandingUnknown = 50305,

    /// <summary>The data directory holds no security domain.</summary>
    NoDomain = 60001,

    /// <summary>The data directory already holds a security domain.</summary>
    DomainExists = 60002,

    /// <summary>A file that holds a secret can be reached by group or others.</summary>
    SecretFilePermissions = 60003,

    /// <summary>A file that holds a secret cannot be read.</summary>
    SecretFileUnreadable = 60004,

    /// <summary>The key-encryption key or passphrase has the wrong form.</summary>
    KeyEncryptionKeyMalformed = 60005,

    /// <summary>The custody file is not what this KMS wrote.</summary>
    CustodyMalformed = 60006,

    /// <summary>The master secrets do not open: another key-encryption key, another domain, or a changed file.</summary>
    CustodyNotOpened = 60007,

    /// <summary>Custody holds master secrets, but the store knows no domain.</summary>
    CustodyWithoutDomain = 60008,

    /// <summary>The master secrets do not belong to the public keys of the domain.</summary>
    CustodyMismatch = 60009,

    /// <summary>The data directory was made by the lab.</summary>
    LabData = 60010,

    /// <summary>The configuration has faults.</summary>
    ConfigurationInvalid = 60011,

    /// <summary>The audit log does not verify.</summary>
    AuditBroken = 60012,

    /// <summary>What custody keeps is under a key-encryption key that the configuration does not name.</summary>
    KeyEncryptionKeyNotConfigured = 60020,

    /// <summary>A custody document was changed by somebody else meanwhile.</summary>
    CustodyChanged = 60021,

    /// <summary>A restore would write over custody documents.</summary>
    CustodyNotEmpty = 60022,

    /// <summary>A sealed secret of the store does not open: changed, or of another place.</summary>
    SealedSecretNotOpened = 60023,

    /// <summary>Some custody documents are not under the current key-encryption key.</summary>
    RewrapIncomplete = 60024,

    /// <summary>The text is no share, or was mistyped.</summary>
    ShareMalformed = 60025,

    /// <summary>The share belongs to another set or is of another kind than what was given before.</summary>
    ShareOfAnotherSet = 60026,

    /// <summary>The shares do not give the secret that was split.</summary>
    SharesDoNotCombine = 60027,

    /// <summary>A secret cannot be split like that.</summary>
    ShareParametersInvalid = 60028,

    /// <summary>The installation has no recovery key.</summary>
    NoRecoveryKey = 60029,

    /// <summary>The installation has a recovery key already.</summary>
    RecoveryKeyExists = 60030,

    /// <summary>The file is no backup of this KMS.</summary>
    BackupMalformed = 60031,

    /// <summary>The backup does not open: another recovery key, changed, or cut short.</summary>
    BackupNotOpened = 60032,

    /// <summary>What the backup holds does not derive the recorded public keys and tokens.</summary>
    BackupVerificationFailed = 60033,

    /// <summary>The PKCS#11 library cannot be loaded, or the token is not there.</summary>
    TokenUnavailable = 60034,

    /// <summary>The token refused the PIN.</summary>
    TokenPinRefused = 60035,

    /// <summary>The PIN of the token is locked, or one more wrong one locks it.</summary>
    TokenPinLocked = 60036,

    /// <summary>The token has no such key, several, or one that can leave it.</summary>
    TokenKeyUnsuitable = 60037,

    /// <summary>The token failed.</summary>
    TokenFailed = 60038,

    /// <summary>Fewer shares were given than are needed.</summary>
    SharesMissing = 60039,

    /// <summary>Custody keeps nothing of that name.</summary>
    CustodyDocumentMissing = 60040,

    /// <summary>The database was written by a newer KMS.</summary>
    StoreTooNew = 60050,

    /// <summary>The store holds several security domains, and none was named.</summary>
    DomainNotChosen = 60051,

    /// <summary>A generation is not in the state that was expected: somebody else changed it meanwhile.</summary>
    GenerationChanged = 60052,

    /// <summary>The audit log is not what this node last signed of it.</summary>
    AuditHeadMismatch = 60092,

    /// <summary>A backup is not signed by the audit key that was named.</summary>
    BackupOriginUnproven = 60093,
}
