namespace Watchword.Mikey;

/// <summary>How the opening of a PCK message ended. The numbers are stable and follow the order of the checks.</summary>
public enum PckOpenResult
{
    /// <summary>The octets are not an I_MESSAGE.</summary>
    Malformed = 0,

    /// <summary>The message hides its identities behind UIDs (TS 33.180 5.2.6), which a private call opened by URI does not take.</summary>
    IdentitiesHidden = 1,

    /// <summary>IDRr names somebody else.</summary>
    NotForThisReceiver = 2,

    /// <summary>The purpose tag is not that of a PCK.</summary>
    WrongPurpose = 3,

    /// <summary>T is not of type NTP-UTC.</summary>
    UnsupportedTimestamp = 4,

    /// <summary>T lies further in the past than the freshness window.</summary>
    Stale = 5,

    /// <summary>T lies further in the future than the freshness window.</summary>
    FromTheFuture = 6,

    /// <summary>IDRkmsi or IDRkmsr is not an allowed security domain; a KMS redirect response may follow (TS 33.180 5.2.8).</summary>
    DomainNotAllowed = 7,

    /// <summary>The message carries an SRTP policy other than the profile of E.3.2.</summary>
    UnsupportedPolicy = 8,

    /// <summary>The message was opened before.</summary>
    Replayed = 9,

    /// <summary>No verification key for the initiator's domain and key period.</summary>
    InitiatorKeyUnavailable = 10,

    /// <summary>The receiver has no key for the key period of the message.</summary>
    ReceiverKeyUnavailable = 11,

    /// <summary>The signature or the encapsulated key is not right. There is one outcome for every cryptographic failure.</summary>
    CryptographicFailure = 12,

    /// <summary>The message is authentic, and the replay cache is full: accepting it would make a replay of it possible.</summary>
    ReplayCacheFull = 13,

    /// <summary>The key is there.</summary>
    Opened = 14,
}
