namespace Watchword.Client;

/// <summary>
/// Everything that can go wrong on the UE side, as a closed set. The numbers are stable and never reused: 50xx set-up and
/// transport, 51xx IdM server and tokens, 52xx KMS, 53xx key store, 54xx key messages, 55xx services over HTTP.
/// </summary>
#pragma warning disable CA1008 // There is no fault zero: a value of this type always names one.
public enum ClientFault
#pragma warning restore CA1008
{
    /// <summary>A URL is not an absolute <c>https</c> URL (TS 33.180 D.1, RFC 6749 §3.1).</summary>
    UrlNotHttps = 5000,

    /// <summary>The CA file is missing, is not PEM or holds no certificate.</summary>
    CaFileUnusable = 5001,

    /// <summary>The server's certificate is not trusted, or does not name the host (TS 33.180 6.1).</summary>
    TlsNotTrusted = 5002,

    /// <summary>The server did not answer: name, connection or time-out.</summary>
    ServerUnreachable = 5003,

    /// <summary>The server sent a redirect where none is followed.</summary>
    RedirectRefused = 5004,

    /// <summary>The answer is longer than the client reads.</summary>
    AnswerTooLarge = 5005,

    /// <summary>The IdM server's metadata could not be read (OpenID Connect Discovery §4).</summary>
    MetadataUnusable = 5100,

    /// <summary>
    /// The metadata or an authorization response names another issuer (OpenID Connect Discovery §4.3, RFC 9207 §2.4).
    /// </summary>
    IssuerMismatch = 5101,

    /// <summary>The IdM server's key set could not be read (RFC 7517).</summary>
    SigningKeysUnusable = 5102,

    /// <summary>The IdM server answered the authentication request with an error (RFC 6749 §4.1.2.1).</summary>
    AuthorizationRefused = 5103,

    /// <summary>The authorization response carries another <c>state</c>: the code is dropped (TS 33.180 B.4.2.3).</summary>
    StateMismatch = 5104,

    /// <summary>The authorization response is not one: no code, a parameter twice, or another address.</summary>
    AuthorizationResponseMalformed = 5105,

    /// <summary>Nobody finished the log-in in the time allowed.</summary>
    LogInTimedOut = 5106,

    /// <summary>No browser could be started.</summary>
    BrowserUnavailable = 5107,

    /// <summary>The log-in page holds no form with a user name and a password.</summary>
    LogInFormNotFound = 5108,

    /// <summary>The log-in page points away from the IdM server's origin: credentials go nowhere else.</summary>
    LogInLeftOrigin = 5109,

    /// <summary>The IdM server did not take the user name and password.</summary>
    CredentialsRefused = 5110,

    /// <summary>The token endpoint refused (RFC 6749 §5.2).</summary>
    TokenRequestRefused = 5111,

    /// <summary>The token response misses a required field (TS 33.180 B.4.2.5).</summary>
    TokenResponseMalformed = 5112,

    /// <summary>The ID token is not valid (TS 33.180 B.11.1, OpenID Connect Core §3.1.3.7).</summary>
    IdTokenInvalid = 5113,

    /// <summary>The refresh token is spent, revoked or the account is disabled (TS 33.180 B.5).</summary>
    RefreshRefused = 5114,

    /// <summary>This profile holds no tokens.</summary>
    NotLoggedIn = 5115,

    /// <summary>The scope wanted was not granted at log-in (TS 33.180 B.4.2.2).</summary>
    ScopeNotGranted = 5116,

    /// <summary>
    /// The access token holds more scopes than were asked for; it is dropped, because it would leave its service.
    /// </summary>
    ScopeTooWide = 5117,

    /// <summary>The credential file of a network entity cannot be used.</summary>
    EntityCredentialUnusable = 5118,

    /// <summary>The home IdM server gives no security token for this partner (TS 33.180 B.7.3).</summary>
    SecurityTokenRefused = 5119,

    /// <summary>The partner's IdM server does not take the security token, or opens none of the scopes (TS 33.180 B.7.5).</summary>
    PartnerTokenRefused = 5120,

    /// <summary>The KMS answered with a <c>KmsError</c> (TS 33.180 D.3.1).</summary>
    KmsRefused = 5200,

    /// <summary>The KMS did not take the access token (RFC 6750 §3.1: 401).</summary>
    KmsUnauthorized = 5201,

    /// <summary>The KMS refuses this identity or scope (403).</summary>
    KmsForbidden = 5202,

    /// <summary>The KMS failed (5xx). It was asked once.</summary>
    KmsFailed = 5203,

    /// <summary>The KMS is busy (429 or 503) and stayed so through the back-off.</summary>
    KmsBusy = 5204,

    /// <summary>The answer is not Annex D XML.</summary>
    KmsAnswerMalformed = 5205,

    /// <summary>The answer is of another kind than was asked for, or answers another request.</summary>
    KmsAnswerUnexpected = 5206,

    /// <summary>The answer names another KMS than this profile is bound to (TS 33.180 5.3.1: exactly one Home KMS).</summary>
    KmsUriMismatch = 5207,

    /// <summary>The answer, or a key set in it, is for an identity that the user does not have.</summary>
    IdentityMismatch = 5208,

    /// <summary>The UID in a key set is not the one that its fields give (TS 33.180 F.2.1).</summary>
    UserIdMismatch = 5209,

    /// <summary>A key set failed the validation of RFC 6507 §5.1.2 or RFC 6508 §6.1.2; it was dropped.</summary>
    KeySetInvalid = 5210,

    /// <summary>The profile holds no KMS certificate yet.</summary>
    NotInitialized = 5211,

    /// <summary>The KMS certificate is revoked, out of its interval or not a Root certificate (TS 33.180 D.3.2).</summary>
    KmsCertificateUnusable = 5212,

    /// <summary>The answer to a key provision holds no key set.</summary>
    NoKeySetReceived = 5213,

    /// <summary>The identity asked for is none of the user's.</summary>
    IdentityNotOwned = 5214,

    /// <summary>An unsigned answer to a client that holds transport keys (TS 33.180 D.3.1).</summary>
    AnswerNotSigned = 5215,

    /// <summary>The answer is signed with a key that is not held.</summary>
    AnswerSignatureUnknown = 5216,

    /// <summary>The signature of the answer does not hold.</summary>
    AnswerSignatureInvalid = 5217,

    /// <summary>The time of a signed answer is too far from that of the request.</summary>
    AnswerNotFresh = 5218,

    /// <summary>Plain key material for a client that holds a transport key: a downgrade (TS 33.180 D.3).</summary>
    PlainKeyMaterial = 5219,

    /// <summary>Wrapped key material that the transport key does not open.</summary>
    KeyMaterialNotUnwrapped = 5220,

    /// <summary>Key material wrapped for a transport key that is not held.</summary>
    TransportKeyMissing = 5221,

    /// <summary>A new transport or integrity key that is not wrapped under a known one, or takes a known id.</summary>
    NewTransportKeyRefused = 5222,

    /// <summary>The transport keys were made for an identity that is none of the user's.</summary>
    TransportKeysOfAnother = 5223,

    /// <summary>The home KMS does not know the security domain asked for (TS 33.180 D.2.6).</summary>
    PartnerUnknown = 5224,

    /// <summary>The home KMS does not know which domain a URI belongs to (TS 33.180 D.2.7).</summary>
    DomainNotFound = 5225,

    /// <summary>There is no key store in this directory.</summary>
    StoreNotFound = 5300,

    /// <summary>There is a key store in this directory already.</summary>
    StoreExists = 5301,

    /// <summary>Another process holds the key store.</summary>
    StoreInUse = 5302,

    /// <summary>The passphrase or key file does not open the key store, or its head was changed.</summary>
    StoreLocked = 5303,

    /// <summary>The key store is truncated, changed or of no known form; nothing of it was used.</summary>
    StoreCorrupt = 5304,

    /// <summary>The key store was written by a later version.</summary>
    StoreVersionUnknown = 5305,

    /// <summary>The key file cannot be read, or has not exactly 32 octets.</summary>
    KeyFileUnusable = 5306,

    /// <summary>The key file can be read by others than its owner.</summary>
    KeyFileExposed = 5307,

    /// <summary>The key store could not be written.</summary>
    StoreNotWritten = 5308,

    /// <summary>The profile belongs to another user, IdM server or KMS.</summary>
    ProfileMismatch = 5309,

    /// <summary>There is no such key set in the store.</summary>
    KeySetNotFound = 5310,

    /// <summary>The out-of-band document with transport keys cannot be read.</summary>
    EnrolmentDocumentUnusable = 5311,

    /// <summary>The fingerprint words were not confirmed.</summary>
    EnrolmentNotConfirmed = 5312,

    /// <summary>The key store is an older copy of itself than the caller knows of.</summary>
    StoreRolledBack = 5313,

    /// <summary>There is no such service key in the store.</summary>
    ServiceKeyNotFound = 5314,

    /// <summary>The service key is revoked or has expired: it is not used any more (TS 33.180 5.2.4).</summary>
    ServiceKeyEnded = 5315,

    /// <summary>The store holds as many service keys as it may, or the key names more groups than it may.</summary>
    ServiceKeysFull = 5316,

    /// <summary>No usable key set for this identity and time.</summary>
    NoUsableKeySet = 5400,

    /// <summary>The octets are no MIKEY message that this client reads (RFC 3830, TS 33.180 Annex E).</summary>
    MessageMalformed = 5401,

    /// <summary>The message is for somebody else (TS 33.180 5.2.2).</summary>
    MessageNotForUs = 5402,

    /// <summary>
    /// The signature or the encapsulated key is not right (RFC 6507 §5.2.2, RFC 6508 §6.2.2): one fault for both.
    /// </summary>
    MessageNotAuthentic = 5403,

    /// <summary>The message was opened before (RFC 3830 §5.4).</summary>
    MessageReplayed = 5404,

    /// <summary>The message's time is too far from the clock (RFC 3830 §5.4).</summary>
    MessageNotFresh = 5405,

    /// <summary>The message names a security domain whose KMS certificate this profile does not hold (TS 33.180 5.2.7).</summary>
    DomainUnknown = 5407,

    /// <summary>The message carries a key of another purpose than a private call (TS 33.180 Annex G).</summary>
    PurposeMismatch = 5408,

    /// <summary>An MC service ID or entity URI is not one (TS 23.280 clause 8).</summary>
    UriMalformed = 5409,

    /// <summary>The sender is not who hands out keys of this purpose (TS 33.180 5.4 to 5.8).</summary>
    InitiatorNotAllowed = 5410,

    /// <summary>The sender gave another key under this identifier before (TS 33.180 5.2.2).</summary>
    ServiceKeyConflict = 5411,

    /// <summary>The server did not take the access token (RFC 6750 §3.1: 401).</summary>
    ServiceUnauthorized = 5500,

    /// <summary>The server refuses this user, scope or document (403).</summary>
    ServiceForbidden = 5501,

    /// <summary>There is no such document or node (404).</summary>
    ServiceDocumentNotFound = 5502,

    /// <summary>The document is not, or is already, as the condition has it (412).</summary>
    ServiceDocumentChanged = 5503,

    /// <summary>The change does not fit the document, and the server does not say why (409).</summary>
    ServiceConflict = 5504,

    /// <summary>The server takes no body of this media type there (415).</summary>
    ServiceMediaTypeRefused = 5505,

    /// <summary>The server refuses the request for another reason (400, 405, 413 and others).</summary>
    ServiceRequestRefused = 5506,

    /// <summary>The server failed (5xx). It was asked once.</summary>
    ServiceFailed = 5507,

    /// <summary>The server is busy (429 or 503).</summary>
    ServiceBusy = 5508,

    /// <summary>The answer is not the document that was asked for.</summary>
    ServiceAnswerMalformed = 5509,

    /// <summary>The body was no well-formed document.</summary>
    XcapNotWellFormed = 5520,

    /// <summary>The body was not exactly one element.</summary>
    XcapNotXmlFragment = 5521,

    /// <summary>There is no parent to insert into.</summary>
    XcapNoParent = 5522,

    /// <summary>The document would not hold its schema.</summary>
    XcapSchemaValidationError = 5523,

    /// <summary>The body was no value of an attribute.</summary>
    XcapNotXmlAttributeValue = 5524,

    /// <summary>What was sent would not be found where it was put.</summary>
    XcapCannotInsert = 5525,

    /// <summary>Something else would be found where it was deleted.</summary>
    XcapCannotDelete = 5526,

    /// <summary>A value is taken already, or the server chooses it itself.</summary>
    XcapUniquenessFailure = 5527,

    /// <summary>A constraint of the application usage is not held.</summary>
    XcapConstraintFailure = 5528,

    /// <summary>The server names an error of its own.</summary>
    XcapExtension = 5529,

    /// <summary>The body was not encoded in UTF-8.</summary>
    XcapNotUtf8 = 5530,
}
