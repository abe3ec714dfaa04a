using System.Numerics;
using Watchword.Mikey;

namespace Watchword.Fuzz;

/// <summary>An I_MESSAGE from the network, as far as a receiver goes before it needs keys.</summary>
internal sealed class MikeyTarget : IFuzzTarget
{
    private static readonly DateTimeOffset _now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly KeyReceiver _receiver = new()
    {
        Uri = "sip:bob@example.net",
        Expects = [KeyDistribution.Pck],
        IsDomainAllowed = _ => true,
        ResolveInitiator = _ => InitiatorResolution.DomainUnknown,
        FindReceiverKeys = _ => [],
        ReplayCache = new MikeyReplayCache(new FixedClock()),
    };

    public string Name => "mikey";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [0x01, 0x1A, 0x05, 0x01], [0x20, 0x81], [0x20, 0x20], [0x01, 0x11], [0x00, 0x00], [0xFF, 0xFF], [0x0E, 0x01, 0x01], [0x15, 0x06],
        [0x15, 0x07], [0x0A, 0x00, 0x00], [0x1A, 0x01, 0x02, 0x01, 0x11], [0x01, 0x02], [0x02, 0x00], "sip:"u8.ToArray(), [0x0B, 0x10],
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        string strict = Parse(input, MikeyTolerances.None);
        string tolerant = Parse(input, MikeyTolerances.SignatureLengthAsPrinted);
        FuzzTargets.Require(strict != "read" || tolerant == "read", "what is read strictly is read with tolerance");
        KeyOpening opening = KeyMessage.Open(input.Span, _receiver);
        FuzzTargets.Require(!opening.IsOpened && opening.Key is null, "nothing opens without keys");
        FuzzTargets.Require(
            strict == "read" == (opening.Result != KeyOpenResult.Malformed), "opening refuses as malformed exactly what does not parse");
        return $"{strict} {tolerant} {opening.Result}";
    }

    private static string Parse(ReadOnlyMemory<byte> input, MikeyTolerances tolerances)
    {
        MikeyMessage message;
        try
        {
            message = MikeyMessage.Parse(input.Span, tolerances);
        }
        catch (MikeyFormatException e)
        {
            FuzzTargets.Require(!MikeyMessage.TryParse(input.Span, out _, tolerances), "Parse and TryParse agree");
            FuzzTargets.Require(e.Offset >= 0 && e.Offset <= input.Length, "the offset lies in the message");
            // With the order of magnitude of the place, so that inputs which get further are kept.
            return $"{e.Reason}@{BitOperations.Log2((uint)e.Offset)}";
        }

        byte[] written = MikeyMessage.Encode(message.Header, message.Payloads);
        FuzzTargets.Require(written.AsSpan().SequenceEqual(input.Span), "a message is written as it was read");
        FuzzTargets.Require(message.SignedOctets.Length == input.Length - MikeySignature.ValueSizeInBytes, "the signature covers the rest");
        if (message.Timestamp.TimestampType == MikeyTimestampType.NtpUtc)
        {
            _ = message.Timestamp.ToDateTimeOffset(_now);
        }

        return "read";
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => _now;
    }
}
