using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Watchword.Cli.Messages;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>
/// <c>watchword mikey decode</c>: every field of an I_MESSAGE with its meaning. Needs no keys, no profile, no network.
/// </summary>
internal sealed class MikeyDecodeCommand : CliCommand
{
    private readonly Argument<string?> file = MessageArgument.Create();

    public MikeyDecodeCommand(Surroundings surroundings)
        : base("decode", "explain every field of a MIKEY message (TS 33.180 Annex E); needs no keys", surroundings) => Add(file);

    public override string Details => """
        Reads base64, hexadecimal or raw octets, also behind `a=key-mgmt:mikey ` as SDP has it. Nothing is decrypted and
        no signature is verified: what is shown is what the message says, not what is true. `mikey open` verifies.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("length", "number", "size of the message in octets"),
        new("csbId", "string, 8 hex digits", "CSB ID, which carries the key identifier"),
        new("purpose", "string", "purpose of the key by its tag: `GMK`, `PCK`, `CSK`, `SPK`, `MKFC`, `MSCCK`, `MuSiK`"),
        new("time", "string, RFC 3339", "time in the T payload", Optional: true),
        new("initiator", "string", "initiator's URI, or its UID in hexadecimal", Optional: true),
        new("receiver", "string", "receiver's URI, or its UID in hexadecimal", Optional: true),
        new("initiatorKms", "string", "KMS URI of the initiator", Optional: true),
        new("receiverKms", "string", "KMS URI of the receiver", Optional: true),
        new("payloads[].name", "string", "payload"),
        new("payloads[].reference", "string", "clause that lays it out"),
        new("payloads[].offset", "number", "first octet of the payload in the message"),
        new("payloads[].length", "number", "size of the payload in octets"),
        new("payloads[].fields[].name", "string", "field"),
        new("payloads[].fields[].value", "string", "its value: decimal, hexadecimal or text"),
        new("payloads[].fields[].meaning", "string", "what the value means", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.Malformed];

    protected override Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        byte[] octets = MessageInput.Read(invocation.Io, invocation.Get(file));
        MikeyMessage message = MikeyMessage.Parse(octets, MikeyTolerances.SignatureLengthAsPrinted);
        IReadOnlyList<DecodedPayload> payloads = new MessageDecoder(message, invocation.Now).Decode();
        invocation.Report.Result(Machine(message, payloads, invocation.Now), human => Human(human, message, payloads));
        return Task.CompletedTask;
    }

    private static void Human(HumanWriter human, MikeyMessage message, IReadOnlyList<DecodedPayload> payloads)
    {
        string purpose = MessageDecoder.PurposeName(message.Purpose);
        human.Line($"MIKEY-SAKKE I_MESSAGE, {message.Octets.Length} octets, {purpose}; not verified");
        foreach (DecodedPayload payload in payloads)
        {
            human.Line();
            int last = payload.Offset + payload.Length - 1;
            human.Line($"{payload.Name}  octets {payload.Offset} to {last}  ({payload.Reference})");
            int width = payload.Fields.Max(field => field.Name.Length) + 2;
            foreach (DecodedField field in payload.Fields)
            {
                string meaning = field.Meaning is null ? string.Empty : "  " + field.Meaning;
                human.Line($"  {field.Name.PadRight(width)}{field.Value}{meaning}");
            }
        }
    }

    private static JsonObject Machine(MikeyMessage message, IReadOnlyList<DecodedPayload> payloads, DateTimeOffset now)
    {
        JsonObject machine = new()
        {
            ["length"] = message.Octets.Length,
            ["csbId"] = message.Header.CsbId.ToString("x8", CultureInfo.InvariantCulture),
            ["purpose"] = MessageDecoder.PurposeName(message.Purpose),
        };
        if (message.Timestamp.TimestampType == MikeyTimestampType.NtpUtc)
        {
            machine["time"] = Printable.Rfc3339(message.Timestamp.ToDateTimeOffset(now));
        }

        Add(machine, "initiator", message, MikeyIdentityRole.Initiator, MikeyIdentityRole.InitiatorUid);
        Add(machine, "receiver", message, MikeyIdentityRole.Responder, MikeyIdentityRole.ResponderUid);
        Add(machine, "initiatorKms", message, MikeyIdentityRole.InitiatorKms);
        Add(machine, "receiverKms", message, MikeyIdentityRole.ResponderKms);
        machine["payloads"] = new JsonArray([.. payloads.Select(Machine)]);
        return machine;
    }

    private static void Add(JsonObject machine, string name, MikeyMessage message, params ReadOnlySpan<MikeyIdentityRole> roles)
    {
        foreach (MikeyIdentityRole role in roles)
        {
            if (message.FindIdentity(role) is { } identity)
            {
                machine[name] = identity.Text ?? Printable.Hex(identity.Octets.Span);
                return;
            }
        }
    }

    private static JsonNode Machine(DecodedPayload payload) => new JsonObject
    {
        ["name"] = payload.Name,
        ["reference"] = payload.Reference,
        ["offset"] = payload.Offset,
        ["length"] = payload.Length,
        ["fields"] = new JsonArray([.. payload.Fields.Select(Machine)]),
    };

    private static JsonNode Machine(DecodedField field)
    {
        JsonObject machine = new() { ["name"] = field.Name, ["value"] = field.Value };
        if (field.Meaning is not null)
        {
            machine["meaning"] = field.Meaning;
        }

        return machine;
    }
}
