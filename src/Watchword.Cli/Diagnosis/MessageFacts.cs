using System.Globalization;
using Watchword.Cli.Messages;
using Watchword.Mikey;

namespace Watchword.Cli.Diagnosis;

/// <summary>
/// What a message says of itself, taken from its fields. It is there too where the codec refuses the message, as far as the
/// fields go.
/// </summary>
internal sealed class MessageFacts
{
    /// <summary>SIGN before its octets: type and length.</summary>
    public const int SignaturePrefix = 2;

    // A null beside ReadOnlyMemory would become an empty one, not none: hence default(ReadOnlyMemory<byte>?) below.
    private readonly DecodedMessage message;

    public MessageFacts(DecodedMessage message, DateTimeOffset now)
    {
        this.message = message;
        InitiatorUri = Identity("IDRi");
        ReceiverUri = Identity("IDRr");
        InitiatorKms = Identity("IDRkmsi");
        ReceiverKms = Identity("IDRkmsr");
        InitiatorUid = Field("IDRuidi", "id.uid");
        ReceiverUid = Field("IDRuidr", "id.uid");
        Random = Field("RAND", "rand.value");
        if (Payload("T") is { } t && Value(t, "t.type") == "0" && Value(t, "t.value") is { } time)
        {
            Ntp = ulong.Parse(time, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Time = new MikeyTimestamp(MikeyTimestampType.NtpUtc, Ntp.Value).ToDateTimeOffset(now);
        }

        if (message.Find("hdr.csb_id") is { } csbId)
        {
            CsbId = uint.Parse(csbId, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        Encapsulated = Sakke(Payload("SAKKE"));
        EncapsulatedToSelf = Sakke(Extension("6"));
        KeyParameters = Extension("7") is { } ge ? Octets(ge.Offset + 4, ge.Length - 4) : default(ReadOnlyMemory<byte>?);
        if (Payload("SIGN") is { } sign && Place(sign, "sign.r") is { } r)
        {
            SignatureOffset = r;
            Signature = Octets(r, MikeySignature.ValueSizeInBytes);
            PrecedingNextPayload = message.Payloads.TakeWhile(p => p != sign).LastOrDefault()?.Fields
                .First(f => f.Definition.Id.EndsWith("next_payload", StringComparison.Ordinal)).Offset;
        }
    }

    /// <summary>The whole message.</summary>
    public ReadOnlyMemory<byte> Message => message.Octets;

    /// <summary>T, if it is of type NTP-UTC.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>T as it stands.</summary>
    public ulong? Ntp { get; }

    /// <summary>The CSB ID.</summary>
    public uint CsbId { get; }

    /// <summary>IDRi.</summary>
    public string? InitiatorUri { get; }

    /// <summary>IDRr.</summary>
    public string? ReceiverUri { get; }

    /// <summary>IDRkmsi.</summary>
    public string? InitiatorKms { get; }

    /// <summary>IDRkmsr.</summary>
    public string? ReceiverKms { get; }

    /// <summary>IDRuidi.</summary>
    public ReadOnlyMemory<byte>? InitiatorUid { get; }

    /// <summary>IDRuidr.</summary>
    public ReadOnlyMemory<byte>? ReceiverUid { get; }

    /// <summary>RAND.</summary>
    public ReadOnlyMemory<byte>? Random { get; }

    /// <summary>The encapsulated data of SAKKE, of whatever length.</summary>
    public ReadOnlyMemory<byte>? Encapsulated { get; }

    /// <summary>That of SAKKE-to-self.</summary>
    public ReadOnlyMemory<byte>? EncapsulatedToSelf { get; }

    /// <summary>The data of the extension with key parameters.</summary>
    public ReadOnlyMemory<byte>? KeyParameters { get; }

    /// <summary>The signature, 129 octets.</summary>
    public ReadOnlyMemory<byte>? Signature { get; }

    /// <summary>The first octet of the signature.</summary>
    public int SignatureOffset { get; }

    /// <summary>The next-payload octet of the payload before SIGN.</summary>
    public int? PrecedingNextPayload { get; }

    /// <summary>The SPIs of a GENERIC-ID map.</summary>
    public IReadOnlyList<string> Spis =>
        [.. message.Payloads.Take(1).SelectMany(p => p.Fields).Where(f => f.Definition.Id == "cs.spi").Select(f => f.Value)];

    private DecodedPayload? Payload(string name) => message.Payloads.FirstOrDefault(p => p.Name == name);

    private DecodedPayload? Extension(string type) =>
        message.Payloads.FirstOrDefault(p => p.Name == "GE" && Value(p, "ge.type") == type && p.Length >= 4);

    private string? Identity(string name) => Payload(name) is { } payload ? Value(payload, "id.value") : null;

    private ReadOnlyMemory<byte>? Field(string payload, string id) =>
        Payload(payload)?.Fields.FirstOrDefault(f => f.Definition.Id == id) is { } field
            ? Octets(field.Offset, field.Length)
            : default(ReadOnlyMemory<byte>?);

    private ReadOnlyMemory<byte>? Sakke(DecodedPayload? payload)
    {
        List<DecodedField> parts = [.. payload?.Fields.Where(f => f.Definition.Id is "sakke.r" or "sakke.h") ?? []];
        return parts.Count == 0 ? default(ReadOnlyMemory<byte>?) : Octets(parts[0].Offset, parts.Sum(f => f.Length));
    }

    private ReadOnlyMemory<byte> Octets(int offset, int length) => message.Octets.Slice(offset, length);

    private static string? Value(DecodedPayload payload, string id) =>
        payload.Fields.FirstOrDefault(f => f.Definition.Id == id)?.Value;

    private static int? Place(DecodedPayload payload, string id) =>
        payload.Fields.FirstOrDefault(f => f.Definition.Id == id)?.Offset;
}
