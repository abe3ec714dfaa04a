namespace Watchword.KeyManagement;

/// <summary>
/// How keys are wrapped for a transport key. TS 33.180 9.3.4.2 names RFC 3394, which takes multiples of 8 octets only, and so
/// neither an RSK (257 octets) nor a PVT (65 octets). Readers take all three and tell them apart by the integrity value.
/// </summary>
public enum KeyWrapProfile
{
    /// <summary>
    /// RFC 3394 under <c>http://www.w3.org/2001/04/xmlenc#kw-aes256</c>; the constant first octet 04 of an RSK or PVT is left out.
    /// </summary>
    KwStrip04 = 0,

    /// <summary>RFC 5649 under its own name, <c>http://www.w3.org/2009/xmlenc11#kw-aes-256-pad</c>.</summary>
    Kwp = 1,

    /// <summary>
    /// RFC 5649 under the name of RFC 3394, the cipher value in hexadecimal digits where base64 belongs: a Java client of 2018.
    /// </summary>
    KwpAsKw = 2,
}

/// <summary>Why a wrapped key was not taken. The numbers are stable.</summary>
public enum KeyUnwrapFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>The key is wrapped for a transport key of another id.</summary>
    OtherTransportKey = 1,

    /// <summary>The key names an algorithm other than AES-256 key wrap.</summary>
    UnsupportedAlgorithm = 2,

    /// <summary>The integrity value is neither that of RFC 3394 nor that of RFC 5649: another key, or changed octets.</summary>
    IntegrityFailed = 3,

    /// <summary>What was wrapped has not the length of such a key.</summary>
    WrongLength = 4,

    /// <summary>A new key that has no name of its own (<c>CarriedKeyName</c>).</summary>
    NoCarriedKeyName = 5,

    /// <summary>Some keys of the key set are wrapped and some are not.</summary>
    PartlyWrapped = 6,
}
