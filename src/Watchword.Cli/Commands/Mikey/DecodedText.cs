using System.Globalization;
using System.Text.Json.Nodes;
using Watchword.Cli.Diagnosis;
using Watchword.Cli.Messages;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>A message with its fields and findings as <c>mikey decode</c> shows it.</summary>
internal sealed class DecodedText(FoundMessage found, DecodedMessage decoded, DiagnosisResult diagnosis, DateTimeOffset now)
{
    private readonly MessageFacts facts = new(decoded, now);

    /// <summary>Members of one message.</summary>
    public static IReadOnlyList<JsonField> Fields { get; } =
    [
        new("messages[].message", "string, base64", "the whole message"),
        new("messages[].length", "number", "its size in octets"),
        new(
            "messages[].capture.packet",
            "number",
            "capture: the packet that completed the message, as Wireshark counts",
            Optional: true),
        new("messages[].capture.from", "string", "capture: address and port of the sender", Optional: true),
        new("messages[].capture.to", "string", "capture: address and port of the receiver", Optional: true),
        new("messages[].capture.place", "string", "capture: where in the SIP message it was", Optional: true),
        new("messages[].csbId", "string, 8 hex digits", "CSB ID, which carries the key identifier", Optional: true),
        new(
            "messages[].purpose",
            "string",
            "purpose of the key by its tag: `GMK`, `PCK`, `CSK`, `SPK`, `MKFC`, `MSCCK`, `MuSiK`",
            Optional: true),
        new("messages[].time", "string, RFC 3339", "time in the T payload", Optional: true),
        new("messages[].initiator", "string", "initiator's URI, or its UID in hexadecimal", Optional: true),
        new("messages[].receiver", "string", "receiver's URI, or its UID in hexadecimal", Optional: true),
        new("messages[].initiatorKms", "string", "KMS URI of the initiator", Optional: true),
        new("messages[].receiverKms", "string", "KMS URI of the receiver", Optional: true),
        new("messages[].payloads[].name", "string", "payload"),
        new("messages[].payloads[].clause", "string", "clause that lays it out"),
        new("messages[].payloads[].offset", "number", "first octet of the payload in the message"),
        new("messages[].payloads[].length", "number", "size of the payload in octets"),
        new(
            "messages[].payloads[].fields[].id",
            "string",
            "stable identifier; the Wireshark dissector has it behind `mikeysakke.`"),
        new("messages[].payloads[].fields[].name", "string", "field"),
        new("messages[].payloads[].fields[].offset", "number", "first octet of the field in the message"),
        new("messages[].payloads[].fields[].length", "number", "size of the field in octets"),
        new("messages[].payloads[].fields[].value", "string", "its value: decimal, hexadecimal or text"),
        new("messages[].payloads[].fields[].meaning", "string", "what the value means", Optional: true),
        new("messages[].payloads[].fields[].clause", "string", "clause of the field"),
        new("messages[].fault.reason", "string", "why the fields end before the message does", Optional: true),
        new("messages[].fault.number", "number", "the stable number of that reason (docs/errors/mikey.md)", Optional: true),
        new("messages[].fault.offset", "number", "where", Optional: true),
        new("messages[].uids[].role", "string", "`initiator` or `receiver`"),
        new("messages[].uids[].userUri", "string", "the URI hashed"),
        new("messages[].uids[].kmsUri", "string", "the KMS URI hashed"),
        new("messages[].uids[].period", "number", "key period number"),
        new("messages[].uids[].distance", "number", "periods after the one that holds T: 0, -1 or 1"),
        new("messages[].uids[].uid", "string, 64 hex digits", "the UID (TS 33.180 F.2.1)"),
        new("messages[].findings[].check", "string", "what was checked"),
        new("messages[].findings[].result", "string", "`passed`, `failed`, `unknown` or `note`"),
        new("messages[].findings[].text", "string", "what was found, and where it does not fit, why"),
        new("messages[].findings[].next", "string", "what to do", Optional: true),
        new("messages[].findings[].clause", "string", "clause that asks for it", Optional: true),
    ];

    /// <summary>The message as JSON.</summary>
    public JsonObject Json()
    {
        JsonObject machine = new() { ["message"] = Convert.ToBase64String(found.Octets), ["length"] = found.Octets.Length };
        if (found.Capture is { } capture)
        {
            machine["capture"] = new JsonObject
            {
                ["packet"] = capture.Packet,
                ["from"] = capture.From,
                ["to"] = capture.To,
                ["place"] = capture.Place,
            };
        }

        foreach ((string name, string? value) in Summary())
        {
            if (value is not null)
            {
                machine[name] = value;
            }
        }

        machine["payloads"] = new JsonArray([.. decoded.Payloads.Select(Json)]);
        if (decoded.Fault is { } fault)
        {
            machine["fault"] = new JsonObject
            {
                ["reason"] = fault.Reason.ToString(),
                ["number"] = (int)fault.Reason,
                ["offset"] = fault.Offset,
            };
        }

        machine["uids"] = new JsonArray([.. diagnosis.Uids.Select(Json)]);
        machine["findings"] = new JsonArray([.. diagnosis.Findings.Select(Json)]);
        return machine;
    }

    /// <summary>The message for people.</summary>
    public void Write(HumanWriter human)
    {
        string purpose = decoded.Find("hdr.csb_id") is null
            ? string.Empty
            : ", " + PayloadNames.Purpose((int)(facts.CsbId >> 28));
        human.Line($"MIKEY-SAKKE I_MESSAGE, {Number(found.Octets.Length)} octets{purpose}");
        if (found.Capture is { } capture)
        {
            human.Line($"packet {Number(capture.Packet)}, {capture.From} to {capture.To}, {capture.Place}");
        }

        foreach (DecodedPayload payload in decoded.Payloads)
        {
            Write(human, payload);
        }

        if (diagnosis.Uids.Count > 0)
        {
            human.Line();
            human.Line("UIDs of the key period of T and its neighbours (TS 33.180 F.2.1)");
            foreach (PeriodUid uid in diagnosis.Uids)
            {
                string period = Number(uid.Period) + (uid.Distance == 0 ? ", that of T" : string.Empty);
                human.Line($"  {uid.Role}  period {period}  {uid.Uid.ToHex().ToLowerInvariant()}");
            }
        }

        human.Line();
        foreach (Finding finding in diagnosis.Findings)
        {
            string clause = finding.Clause is null ? string.Empty : $"  ({finding.Clause})";
            human.Line($"{Word(finding.Result)}  {finding.Check}: {finding.Text}{clause}");
            if (finding.Next is not null)
            {
                human.Line($"         next: {finding.Next}");
            }
        }
    }

    private static void Write(HumanWriter human, DecodedPayload payload)
    {
        human.Line();
        human.Line(
            $"{payload.Name}  octets {Number(payload.Offset)} to {Number(payload.Offset + payload.Length - 1)}  "
                + $"({payload.Clause})");
        int width = payload.Fields.Max(field => field.Definition.Name.Length) + 2;
        foreach (DecodedField field in payload.Fields)
        {
            string meaning = field.Meaning is null ? string.Empty : "  " + field.Meaning;
            string clause = field.Definition.Clause == payload.Clause ? string.Empty : $"  ({field.Definition.Clause})";
            string place = $"  {Number(field.Offset),5} +{Number(field.Length).PadRight(4)}";
            human.Line($"{place}{field.Definition.Name.PadRight(width)}{field.Value}{meaning}{clause}");
        }
    }

    private IEnumerable<(string Name, string? Value)> Summary() =>
    [
        ("csbId", decoded.Find("hdr.csb_id")),
        ("purpose", decoded.Find("hdr.csb_id") is null ? null : PayloadNames.Purpose((int)(facts.CsbId >> 28))),
        ("time", facts.Time is { } time ? Printable.Rfc3339(time) : null),
        ("initiator", facts.InitiatorUri ?? Hex(facts.InitiatorUid)),
        ("receiver", facts.ReceiverUri ?? Hex(facts.ReceiverUid)),
        ("initiatorKms", facts.InitiatorKms),
        ("receiverKms", facts.ReceiverKms),
    ];

    private static JsonNode Json(DecodedPayload payload) => new JsonObject
    {
        ["name"] = payload.Name,
        ["clause"] = payload.Clause,
        ["offset"] = payload.Offset,
        ["length"] = payload.Length,
        ["fields"] = new JsonArray([.. payload.Fields.Select(Json)]),
    };

    private static JsonNode Json(DecodedField field)
    {
        JsonObject machine = new()
        {
            ["id"] = field.Definition.Id,
            ["name"] = field.Definition.Name,
            ["offset"] = field.Offset,
            ["length"] = field.Length,
            ["value"] = field.Value,
        };
        if (field.Meaning is not null)
        {
            machine["meaning"] = field.Meaning;
        }

        machine["clause"] = field.Definition.Clause;
        return machine;
    }

    private static JsonNode Json(PeriodUid uid) => new JsonObject
    {
        ["role"] = uid.Role,
        ["userUri"] = uid.UserUri,
        ["kmsUri"] = uid.Domain.KmsUri,
        ["period"] = uid.Period,
        ["distance"] = uid.Distance,
        ["uid"] = uid.Uid.ToHex().ToLowerInvariant(),
    };

    private static JsonNode Json(Finding finding)
    {
        JsonObject machine = new()
        {
            ["check"] = finding.Check,
            ["result"] = finding.Result.ToString().ToLowerInvariant(),
            ["text"] = finding.Text,
        };
        if (finding.Next is not null)
        {
            machine["next"] = finding.Next;
        }

        if (finding.Clause is not null)
        {
            machine["clause"] = finding.Clause;
        }

        return machine;
    }

    private static string Word(FindingResult result) => result switch
    {
        FindingResult.Passed => "ok     ",
        FindingResult.Failed => "FAILED ",
        FindingResult.Unknown => "unknown",
        _ => "note   ",
    };

    private static string? Hex(ReadOnlyMemory<byte>? octets) => octets is { } present ? Printable.Hex(present.Span) : null;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
