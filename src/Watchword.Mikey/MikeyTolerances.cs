namespace Watchword.Mikey;

/// <summary>
/// Named departures of deployed peers that a caller may choose to accept. Nothing is tolerated unless it is asked for, and what
/// was needed is reported: a tolerance is counted, never silent.
/// </summary>
[Flags]
public enum MikeyTolerances
{
    /// <summary>The message is exactly as TS 33.180 and the RFCs mean it.</summary>
    None = 0,

    /// <summary>
    /// The SIGN payload declares 32 octets, as TS 33.180 E.1.2 prints, while the 129 octets of an ECCSI signature follow.
    /// </summary>
    SignatureLengthAsPrinted = 1,

    /// <summary>The signature was made without the two octets of S type and signature length (seen in two vendors' clients).</summary>
    SignatureWithoutLength = 2,

    /// <summary>
    /// The key parameters stand in their extension in clear, key types numbered from 1 (an old form of a deployed peer). They are signed.
    /// </summary>
    KeyParametersInClear = 4,

    /// <summary>The header has the SRTP-ID map of RFC 3830, which TS 33.180 E.1.2 does not use.</summary>
    SrtpIdMap = 8,
}
