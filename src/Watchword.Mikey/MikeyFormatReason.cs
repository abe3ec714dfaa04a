namespace Watchword.Mikey;

/// <summary>Why octets are not an I_MESSAGE, or not the key parameters within one. The numbers are stable.</summary>
public enum MikeyFormatReason
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>The octets end inside a field.</summary>
    Truncated = 1,

    /// <summary>Octets follow the signature, which is the last field (RFC 3830 §6.5).</summary>
    TrailingOctets = 2,

    /// <summary>The message is longer than <see cref="MikeyMessage.MaximumSizeInBytes"/>.</summary>
    TooLong = 3,

    /// <summary>The version is not 1 (RFC 3830 §6.1).</summary>
    UnsupportedVersion = 4,

    /// <summary>The data type is not 26, the SAKKE I_MESSAGE (RFC 6509 §4.1).</summary>
    UnsupportedDataType = 5,

    /// <summary>A response is asked for: MIKEY-SAKKE has none (RFC 6509 §2.1).</summary>
    ResponseRequested = 6,

    /// <summary>The PRF is not PRF-HMAC-SHA-256 (TS 33.180 E.1.2).</summary>
    UnsupportedPrf = 7,

    /// <summary>A field holds a value that is reserved or has no meaning in an I_MESSAGE.</summary>
    UndefinedValue = 8,

    /// <summary>A length field contradicts the only length that the field can have.</summary>
    WrongLength = 9,

    /// <summary>An identity is empty, not UTF-8, or holds control characters.</summary>
    InvalidText = 10,

    /// <summary>A payload type that an I_MESSAGE does not hold. It cannot be skipped: MIKEY payloads share no length field.</summary>
    UnknownPayload = 11,

    /// <summary>A payload stands where it may not: T first, RAND second, SIGN last.</summary>
    WrongOrder = 12,

    /// <summary>Something that may occur once occurs twice.</summary>
    Duplicate = 13,

    /// <summary>A mandatory payload is missing (TS 33.180 E.1.2).</summary>
    MissingPayload = 14,

    /// <summary>More payloads, or more elements of a payload, than are read.</summary>
    TooMany = 15,
}
