using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Watchword.Cli.Commands.Keys;
using Watchword.Client;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>What both ends of a private call may show each other: never a key, only a check value of each.</summary>
internal static class CallText
{
    /// <summary>
    /// Length of a check value in octets: enough to see a difference, useless for guessing a random key of 16 octets.
    /// </summary>
    private const int CheckValueOctets = 8;

    /// <summary>Members of a call.</summary>
    public static IReadOnlyList<JsonField> Fields { get; } =
    [
        new("pckId", "string, 8 hex digits", "PCK-ID, also the MKI of the media"),
        new("service", "string", "`mcptt` or `mcvideo`"),
        new("initiator", "string", "the caller's MC service ID"),
        new("receiver", "string", "the called user's MC service ID"),
        new("time", "string, RFC 3339", "time T of the message"),
        new("srtp.sentByInitiator", "string, 16 hex digits", "check value of SRTP master key and salt of what the caller sends"),
        new("srtp.sentByReceiver", "string, 16 hex digits", "the same of what the called user sends"),
    ];

    /// <summary>The call as JSON.</summary>
    public static JsonObject Json(PrivateCallKeys call) => new()
    {
        ["pckId"] = call.PckId.ToString("x8", CultureInfo.InvariantCulture),
        ["service"] = KeySetText.ServiceName(call.Service),
        ["initiator"] = call.InitiatorUri,
        ["receiver"] = call.ReceiverUri,
        ["time"] = Printable.Rfc3339(call.Time),
        ["srtp"] = new JsonObject
        {
            ["sentByInitiator"] = CheckValue(call.SentByInitiator),
            ["sentByReceiver"] = CheckValue(call.SentByReceiver),
        },
    };

    /// <summary>The call as lines.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Human(PrivateCallKeys call) =>
    [
        ("pck-id", call.PckId.ToString("x8", CultureInfo.InvariantCulture)),
        ("service", KeySetText.ServiceName(call.Service)),
        ("from", call.InitiatorUri),
        ("to", call.ReceiverUri),
        ("time", Printable.Time(call.Time)),
        ("srtp check, sent by caller", CheckValue(call.SentByInitiator)),
        ("srtp check, sent by called", CheckValue(call.SentByReceiver)),
    ];

    /// <summary>The first octets of SHA-256 over a label, SRTP master key (16) and master salt (12).</summary>
    private static string CheckValue(SrtpKeys keys)
    {
        ReadOnlySpan<byte> label = "watchword srtp check value 1"u8;
        byte[] input = GC.AllocateArray<byte>(
            label.Length + SrtpKeys.MasterKeySizeInBytes + SrtpKeys.MasterSaltSizeInBytes, pinned: true);
        try
        {
            label.CopyTo(input);
            keys.ExportMasterKey(input.AsSpan(label.Length, SrtpKeys.MasterKeySizeInBytes));
            keys.ExportMasterSalt(input.AsSpan(label.Length + SrtpKeys.MasterKeySizeInBytes));
            return Printable.Hex(SHA256.HashData(input).AsSpan(0, CheckValueOctets));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }
}
