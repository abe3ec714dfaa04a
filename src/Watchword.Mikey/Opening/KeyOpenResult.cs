namespace Watchword.Mikey;

/// <summary>How the opening of a message ended. The numbers are stable and follow the order of the checks.</summary>
public enum KeyOpenResult
{
    /// <summary>The octets are not an I_MESSAGE.</summary>
    Malformed = 0,

    /// <summary>The message hides an identity behind a UID (TS 33.180 5.2.6), which this receiver does not take.</summary>
    IdentitiesHidden = 1,

    /// <summary>The message is for somebody else.</summary>
    NotForThisReceiver = 2,

    /// <summary>The purpose tag is none that is expected here.</summary>
    WrongPurpose = 3,

    /// <summary>T is not of type NTP-UTC.</summary>
    UnsupportedTimestamp = 4,

    /// <summary>T lies further in the past than the freshness window.</summary>
    Stale = 5,

    /// <summary>T lies further in the future than the freshness window.</summary>
    FromTheFuture = 6,

    /// <summary>
    /// IDRkmsi or IDRkmsr is not an allowed security domain; a KMS redirect response may follow (TS 33.180 5.2.8).
    /// </summary>
    DomainNotAllowed = 7,

    /// <summary>The map is of another type, or names a crypto session of another purpose.</summary>
    UnsupportedMap = 8,

    /// <summary>The message carries an SRTP policy other than the profile, or its map names one that is not there.</summary>
    UnsupportedPolicy = 9,

    /// <summary>No certificate of the initiator's KMS is known.</summary>
    DomainUnknown = 10,

    /// <summary>The certificate of the initiator's KMS is not valid at T.</summary>
    DomainNotValid = 11,

    /// <summary>The certificate of the initiator's KMS is revoked.</summary>
    DomainRevoked = 12,

    /// <summary>The initiator may not hand out this key.</summary>
    InitiatorNotAllowed = 13,

    /// <summary>No verification key for the initiator and the key period.</summary>
    InitiatorKeyUnavailable = 14,

    /// <summary>The receiver has no key for the key period of the message, or the message has nothing for it.</summary>
    ReceiverKeyUnavailable = 15,

    /// <summary>The message was opened before.</summary>
    Replayed = 16,

    /// <summary>
    /// The signature, the encapsulated key or the protection of the parameters is not right. There is one outcome for every
    /// cryptographic failure.
    /// </summary>
    CryptographicFailure = 17,

    /// <summary>
    /// The message is authentic, and the replay cache is full: accepting it would make a replay of it possible.
    /// </summary>
    ReplayCacheFull = 18,

    /// <summary>The message is authentic, and the identifiers in its map are not those of the key.</summary>
    IdentifierMismatch = 19,

    /// <summary>The message is authentic, and its key parameters are malformed or those of another purpose.</summary>
    ParametersNotValid = 20,

    /// <summary>The key is there.</summary>
    Opened = 21,
}
