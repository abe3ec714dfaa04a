namespace Watchword.Mikey;

/// <summary>
/// What the sender of a protected payload writes in clear before it (TS 33.180 8.5.4). It is authenticated with the payload.
/// </summary>
public sealed record McDataPayloadHead
{
    /// <summary>The message type DATA PAYLOAD (TS 24.282 15.2.2).</summary>
    public const int DataPayload = 3;

    /// <summary>The identifier of the element Payload (TS 24.282 15.2.13).</summary>
    public const byte PayloadElement = 0x78;

    /// <summary>The largest number of seconds that fits, 40 bits.</summary>
    public const long MaximumSeconds = (1L << 40) - 1;

    /// <summary>The message type of TS 24.282 15.2.2, 0 to 63, without the two flags above it.</summary>
    public int MessageType { get; init; } = DataPayload;

    /// <summary>Date and time: seconds since 1970-01-01 00:00 UTC, 40 bits.</summary>
    public required long SecondsSince1970 { get; init; }

    /// <summary>The payload ID; 0 for the key parameters of a MIKEY message (TS 33.180 E.6.1).</summary>
    public uint PayloadId { get; init; }

    /// <summary>The payload sequence number; 0 for key parameters.</summary>
    public byte SequenceNumber { get; init; }

    /// <summary>The signalling algorithm, an octet that is there only if it says something; null to leave it out.</summary>
    public byte? SignallingAlgorithm { get; init; }

    /// <summary>
    /// The identifier of the information element that holds the payload: <see cref="PayloadElement"/> in MCData; 0, as deployed
    /// peers write it, for key parameters. It is not authenticated and means nothing to the receiver.
    /// </summary>
    public byte PayloadIdentifier { get; init; }

    internal bool IsValid => MessageType is >= 0 and <= 63 && SecondsSince1970 is >= 0 and <= MaximumSeconds;
}
