using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Watchword.KeyManagement.Audit;

/// <summary>The last line of an export.</summary>
internal sealed record AuditFooter(long Count, ReadOnlyMemory<byte> Hash, string KeyId, ReadOnlyMemory<byte> Signature);

/// <summary>The lines of an export. A line is good only if what it says, written again, gives the same octets.</summary>
internal static class AuditJson
{
    private const string Format = "watchword-audit-export";
    private const int Version = 1;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4 };

    // Nothing of this goes into a web page: only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteHeader(ArrayBufferWriter<byte> line, AuditExportHeader header)
    {
        using Utf8JsonWriter json = new(line, Plain);
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("version", Version);
        json.WriteStartArray("kmsUris");
        foreach (string uri in header.KmsUris)
        {
            json.WriteStringValue(uri);
        }

        json.WriteEndArray();
        json.WriteStartArray("keys");
        foreach (AuditPublicKey key in header.Keys)
        {
            json.WriteBase64StringValue(key.Export());
        }

        json.WriteEndArray();
        json.WriteNumber("exportedAt", header.ExportedAt.ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }

    public static void WriteRecord(ArrayBufferWriter<byte> line, AuditRecord record)
    {
        AuditEntry entry = record.Entry;
        using Utf8JsonWriter json = new(line, Plain);
        json.WriteStartObject();
        json.WriteNumber("format", record.Format);
        json.WriteNumber("sequence", record.Sequence);
        json.WriteString("previousHash", Convert.ToHexStringLower(record.PreviousHash.Span));
        json.WriteNumber("time", record.Time.ToUnixTimeMilliseconds());
        json.WriteNumber("kind", (int)entry.Kind);
        json.WriteString("kmsUri", entry.KmsUri);
        json.WriteNumber("generation", entry.Generation);
        json.WriteString("correlationId", entry.CorrelationId);
        WriteText(json, "issuer", entry.Issuer);
        WriteText(json, "subject", entry.Subject);
        WriteText(json, "role", entry.Role);
        WriteText(json, "userUri", entry.UserUri);
        WriteText(json, "service", entry.Service);
        WriteNumber(json, "keyPeriodNumber", entry.KeyPeriodNumber);
        WriteOctets(json, "userId", entry.UserId);
        WriteOctets(json, "publicTokenHash", entry.PublicTokenHash);
        WriteNumber(json, "intentSequence", entry.IntentSequence);
        json.WriteNumber("result", entry.Result);
        WriteText(json, "detail", entry.Detail);
        WriteKeySets(json, entry.KeySets);
        json.WriteString("hash", Convert.ToHexStringLower(record.Hash.Span));
        json.WriteEndObject();
    }

    public static void WriteFooter(ArrayBufferWriter<byte> line, AuditFooter footer)
    {
        using Utf8JsonWriter json = new(line, Plain);
        json.WriteStartObject();
        json.WriteNumber("count", footer.Count);
        json.WriteString("hash", Convert.ToHexStringLower(footer.Hash.Span));
        json.WriteString("keyId", footer.KeyId);
        json.WriteBase64String("signature", footer.Signature.Span);
        json.WriteEndObject();
    }

    public static bool TryReadHeader(byte[] line, [NotNullWhen(true)] out AuditExportHeader? header) =>
        TryRead(
            line,
            root => root.GetProperty("format").GetString() == Format && root.GetProperty("version").GetInt32() == Version
                ? new AuditExportHeader(
                    [.. root.GetProperty("kmsUris").EnumerateArray().Select(uri => uri.GetString()!)],
                    [.. root.GetProperty("keys").EnumerateArray().Select(key => AuditPublicKey.Import(key.GetBytesFromBase64()))],
                    DateTimeOffset.FromUnixTimeMilliseconds(root.GetProperty("exportedAt").GetInt64()))
                : throw new FormatException(),
            WriteHeader,
            out header);

    public static bool TryReadRecord(byte[] line, [NotNullWhen(true)] out AuditRecord? record) =>
        TryRead(line, ToRecord, WriteRecord, out record);

    public static bool TryReadFooter(byte[] line, [NotNullWhen(true)] out AuditFooter? footer) =>
        TryRead(
            line,
            root => new AuditFooter(
                root.GetProperty("count").GetInt64(),
                Octets(root, "hash"),
                root.GetProperty("keyId").GetString()!,
                root.GetProperty("signature").GetBytesFromBase64()),
            WriteFooter,
            out footer);

    private static AuditRecord ToRecord(JsonElement root) => AuditRecord.Restore(
        root.GetProperty("format").GetInt32(),
        root.GetProperty("sequence").GetInt64(),
        Octets(root, "previousHash"),
        DateTimeOffset.FromUnixTimeMilliseconds(root.GetProperty("time").GetInt64()),
        new AuditEntry
        {
            Kind = (AuditKind)root.GetProperty("kind").GetInt32(),
            KmsUri = root.GetProperty("kmsUri").GetString()!,
            Generation = root.GetProperty("generation").GetInt32(),
            CorrelationId = root.GetProperty("correlationId").GetString()!,
            Issuer = Text(root, "issuer"),
            Subject = Text(root, "subject"),
            Role = Text(root, "role"),
            UserUri = Text(root, "userUri"),
            Service = Text(root, "service"),
            KeyPeriodNumber = Number(root, "keyPeriodNumber"),
            UserId = Octets(root, "userId"),
            PublicTokenHash = Octets(root, "publicTokenHash"),
            IntentSequence = Number(root, "intentSequence"),
            Result = root.GetProperty("result").GetInt32(),
            Detail = Text(root, "detail"),
            KeySets = root.TryGetProperty("keySets", out JsonElement keySets)
                ? [.. keySets.EnumerateArray().Select(ToKeySet)]
                : [],
        },
        Octets(root, "hash"));

    private static AuditKeySet ToKeySet(JsonElement keySet) => new(
        keySet.GetProperty("userUri").GetString()!, keySet.GetProperty("service").GetString()!, Octets(keySet, "userId"),
        Octets(keySet, "publicTokenHash"));

    private static bool TryRead<T>(
        byte[] line, Func<JsonElement, T> read, Action<ArrayBufferWriter<byte>, T> write, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Strict);
            T parsed = read(document.RootElement);
            ArrayBufferWriter<byte> again = new(line.Length + 1);
            write(again, parsed);
            value = again.WrittenSpan.SequenceEqual(line) ? parsed : null;
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException
            or KeyNotFoundException or ArgumentException or CryptographicException)
        {
            // Not such a line.
        }

        return value is not null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : null;

    private static byte[] Octets(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? Convert.FromHexString(value.GetString()!) : [];

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void WriteOctets(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty)
        {
            json.WriteString(name, Convert.ToHexStringLower(value.Span));
        }
    }

    private static void WriteKeySets(Utf8JsonWriter json, IReadOnlyList<AuditKeySet> keySets)
    {
        if (keySets.Count == 0)
        {
            return;
        }

        json.WriteStartArray("keySets");
        foreach (AuditKeySet keySet in keySets)
        {
            json.WriteStartObject();
            json.WriteString("userUri", keySet.UserUri);
            json.WriteString("service", keySet.Service);
            WriteOctets(json, "userId", keySet.UserId);
            WriteOctets(json, "publicTokenHash", keySet.PublicTokenHash);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
