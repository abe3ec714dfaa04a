using System.Numerics;
using Watchword.Cli.Captures;
using Watchword.Cli.Diagnosis;
using Watchword.Cli.Messages;

namespace Watchword.Fuzz;

/// <summary>
/// What <c>mikey decode</c> is given: a message or a capture, from anybody. Every field has a place, and the diagnosis
/// ends.
/// </summary>
internal sealed class DecodeTarget : IFuzzTarget
{
    private const int MostMessages = 8;

    private static readonly DateTimeOffset _now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly MessageDiagnosis _diagnosis = new([], [], _now);

    public string Name => "decode";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [0xD4, 0xC3, 0xB2, 0xA1],
        [0xA1, 0xB2, 0xC3, 0xD4],
        [0x0A, 0x0D, 0x0D, 0x0A],
        [0x1A, 0x2B, 0x3C, 0x4D],
        [0x08, 0x00, 0x45, 0x00],
        [0x86, 0xDD, 0x60],
        [0x81, 0x00],
        [0x01, 0x1A, 0x05, 0x01],
        [0x20, 0x81],
        [0x15, 0x07],
        [0x15, 0x06],
        [0xFF, 0xFF],
        [0x00, 0x00],
        "\r\n\r\n"u8.ToArray(),
        "Content-Length: "u8.ToArray(),
        "Content-Type: application/mikey"u8.ToArray(),
        " SIP/2.0\r\n"u8.ToArray(),
        "a=key-mgmt:mikey "u8.ToArray(),
        "multipart/mixed;boundary=x1"u8.ToArray(),
        "--x1\r\n"u8.ToArray(),
        "--x1--"u8.ToArray(),
        "ARoF"u8.ToArray(),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        IReadOnlyList<FoundMessage> found;
        try
        {
            found = MessageInput.Find(input.ToArray());
        }
        catch (CaptureFormatException fault)
        {
            FuzzTargets.Require(fault.Offset >= 0 && fault.Offset <= input.Length, "the place of a fault lies in the capture");
            return $"{fault.Fault}@{BitOperations.Log2((uint)fault.Offset)}";
        }

        return found.Count + " " + string.Join(' ', found.Take(MostMessages).Select(Decode));
    }

    private string Decode(FoundMessage found)
    {
        DecodedMessage decoded = MessageDissector.Dissect(found.Octets, _now);
        int place = 0;
        foreach (DecodedPayload payload in decoded.Payloads)
        {
            FuzzTargets.Require(payload.Offset == place, "payloads follow each other without a gap");
            foreach (DecodedField field in payload.Fields)
            {
                FuzzTargets.Require(field.Offset >= payload.Offset && field.Length >= 0, "a field lies in its payload");
                FuzzTargets.Require(
                    field.Offset + field.Length <= payload.Offset + payload.Length, "a field ends in its payload");
            }

            place = payload.Offset + payload.Length;
        }

        FuzzTargets.Require(
            decoded.Fault is not null || place == found.Octets.Length, "without a fault the fields are the whole message");
        DiagnosisResult result = _diagnosis.Run(decoded);
        bool wellFormed = result.Findings[0].Result == FindingResult.Passed;
        FuzzTargets.Require(!wellFormed || decoded.Fault is null, "what the codec takes has no fault");
        return $"{wellFormed}{decoded.Fault?.Reason}{decoded.Payloads.Count}";
    }
}
