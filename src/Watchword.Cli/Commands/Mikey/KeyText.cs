using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Watchword.Cli.Messages;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>What may be shown of a key that was made or opened: never the key, only a check value of it.</summary>
internal static class KeyText
{
    private const int CheckValueOctets = 8;

    /// <summary>Members of a key.</summary>
    public static IReadOnlyList<JsonField> Fields { get; } =
    [
        new("purpose", "string", "`GMK`, `PCK`, `CSK`, `SPK`, `MKFC`, `MSCCK` or `MuSiK`"),
        new("keyId", "string, 8 hex digits", "K-ID: GMK-ID, CSK-ID and so on"),
        new(
            "keyCheck",
            "string, 16 hex digits",
            "check value of the key, to compare both sides; absent once it is revoked or has expired",
            Optional: true),
        new("initiator", "string", "who made the key; absent while it hides behind its UID", Optional: true),
        new("initiatorUid", "string, 64 hex digits", "the UID that a hidden initiator signed with", Optional: true),
        new("receiver", "string", "whom the key is for", Optional: true),
        new("time", "string, RFC 3339", "time T of the message"),
        new("parameters.revoked", "boolean", "whether the key is revoked", Optional: true),
        new("parameters.activation", "string, RFC 3339", "when it is used from, if not from T on", Optional: true),
        new("parameters.expiry", "string, RFC 3339", "when it ends, if it does", Optional: true),
        new("parameters.text", "string", "its name for people", Optional: true),
        new("parameters.groups[]", "string", "MC group IDs", Optional: true),
    ];

    /// <summary>The name of a purpose.</summary>
    public static string Purpose(KeyPurpose purpose) => PayloadNames.Purpose((int)purpose);

    /// <summary>A key identifier.</summary>
    public static string Identifier(uint id) => id.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>What is known of a key, as JSON; null for the key once it is wiped.</summary>
    public static JsonObject Json(
        uint keyId, MikeyKey? key, MikeyParty initiator, string? receiver, DateTimeOffset time, KeyParameters? parameters)
    {
        JsonObject machine = new()
        {
            ["purpose"] = Purpose(UserKeyId.PurposeOf(keyId)),
            ["keyId"] = Identifier(keyId),
        };
        if (key is not null)
        {
            machine["keyCheck"] = CheckValue(key);
        }

        if (initiator.Uri is not null)
        {
            machine["initiator"] = initiator.Uri;
        }
        else
        {
            machine["initiatorUid"] = Printable.Hex(initiator.Uid.Span);
        }

        if (receiver is not null)
        {
            machine["receiver"] = receiver;
        }

        machine["time"] = Printable.Rfc3339(time);
        if (parameters is not null)
        {
            machine["parameters"] = Json(parameters);
        }

        return machine;
    }

    /// <summary>The same as lines.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Human(
        uint keyId, MikeyKey? key, MikeyParty initiator, string? receiver, DateTimeOffset time, KeyParameters? parameters) =>
    [
        ("purpose", Purpose(UserKeyId.PurposeOf(keyId))),
        ("key id", Identifier(keyId)),
        ("key check", key is null ? null : CheckValue(key)),
        ("from", initiator.Uri ?? "hidden, UID " + Printable.Hex(initiator.Uid.Span)),
        ("to", receiver),
        ("time", Printable.Time(time)),
        ("status", parameters is null ? null : parameters.IsRevoked ? "revoked" : "not revoked"),
        ("activation", parameters?.Activation is { } activation ? Printable.Time(activation) : null),
        ("expiry", parameters?.Expiry is { } expiry ? Printable.Time(expiry) : null),
        ("text", parameters?.Text is { Length: > 0 } text ? text : null),
        ("groups", parameters is { GroupIds.Count: > 0 } ? string.Join(", ", parameters.GroupIds) : null),
    ];

    private static JsonObject Json(KeyParameters parameters)
    {
        JsonObject machine = new() { ["revoked"] = parameters.IsRevoked };
        if (parameters.Activation is { } activation)
        {
            machine["activation"] = Printable.Rfc3339(activation);
        }

        if (parameters.Expiry is { } expiry)
        {
            machine["expiry"] = Printable.Rfc3339(expiry);
        }

        if (parameters.Text.Length > 0)
        {
            machine["text"] = parameters.Text;
        }

        if (parameters.GroupIds.Count > 0)
        {
            machine["groups"] = new JsonArray([.. parameters.GroupIds.Select(group => (JsonNode)JsonValue.Create(group))]);
        }

        return machine;
    }

    /// <summary>The first octets of SHA-256 over a label and the key: useless for guessing a random key of 16 octets.</summary>
    private static string CheckValue(MikeyKey key)
    {
        ReadOnlySpan<byte> label = "watchword key check value 1"u8;
        byte[] input = GC.AllocateArray<byte>(label.Length + MikeyKey.SecretSizeInBytes, pinned: true);
        try
        {
            label.CopyTo(input);
            key.ExportSecret(input.AsSpan(label.Length));
            return Printable.Hex(SHA256.HashData(input).AsSpan(0, CheckValueOctets));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }
}
