using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Enrolment;

/// <summary>The transport key file as JSON. Keys pass through pinned memory only.</summary>
internal static class KeyFileJson
{
    private const string Format = "watchword-transport-key-file";
    private const int Version = 1;

    // Six fields of at most 256 octets, every octet escaped as six, and the rest.
    private const int Capacity = (6 * 6 * TransportKeyFile.MaxFieldOctets) + 4096;

    public static bool Recognises(ReadOnlySpan<byte> text) => text.StartsWith("{"u8);

    public static SecretText Write(TransportKeyFile file)
    {
        SecretText text = new(Capacity);
        try
        {
            using Utf8JsonWriter json = new(
                text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteString("kmsUri", file.KmsUri);
            json.WriteString("kmsAddress", file.KmsAddress);
            json.WriteString("userUri", file.UserUri);
            json.WriteString("clientId", file.ClientId);
            json.WriteString("created", XmlTime.ToString(file.Created, withZone: true));
            WriteKey(json, "transportKey", file.TransportKey);
            WriteKey(json, "integrityKey", file.IntegrityKey);
            json.WriteString("fingerprint", string.Join(' ', file.FingerprintWords));
            json.WriteEndObject();
            json.Flush();
            return text;
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    public static TransportKeyFile Parse(ReadOnlySpan<byte> text)
    {
        TransportKeyFile file = Read(text, out string fingerprint);
        if (!string.Equals(fingerprint, string.Join(' ', file.FingerprintWords), StringComparison.Ordinal))
        {
            file.Dispose();
            throw new TransportKeyFileException(TransportKeyFileFault.WrongFingerprint);
        }

        return file;
    }

    private static TransportKeyFile Read(ReadOnlySpan<byte> text, out string fingerprint)
    {
        using Fields fields = new();
        try
        {
            Utf8JsonReader json = new(text, new JsonReaderOptions { MaxDepth = 4 });
            json.Read();
            ReadObject(ref json, fields);
            if (json.Read())
            {
                throw new TransportKeyFileException(TransportKeyFileFault.NotAKeyFile);
            }

            fingerprint = fields.Text("fingerprint");
            return fields.ToFile();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A JsonException may quote the text: it is not passed on.
            throw new TransportKeyFileException(TransportKeyFileFault.NotAKeyFile);
        }
    }

    private static void WriteKey(Utf8JsonWriter json, string name, SecurityExtensionKey key)
    {
        json.WriteStartObject(name);
        json.WriteString("id", key.Id);
        json.WriteBase64String("key", key.Octets);
        json.WriteEndObject();
    }

    /// <summary>Members in any order; those that are not known are passed over.</summary>
    private static void ReadObject(ref Utf8JsonReader json, Fields fields, string prefix = "")
    {
        Expect(json.TokenType == JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = prefix + json.GetString();
            json.Read();
            switch (name)
            {
                case "transportKey" or "integrityKey":
                    ReadObject(ref json, fields, name + "/");
                    break;
                case "transportKey/key" or "integrityKey/key":
                    Expect(json.TokenType == JsonTokenType.String && !json.ValueIsEscaped);
                    fields.AddKey(name, json.ValueSpan);
                    break;
                case "version":
                    Expect(json.TokenType == JsonTokenType.Number);
                    fields.AddText(name, json.TryGetInt32(out int version) ? version.ToString(CultureInfo.InvariantCulture) : "");
                    break;
                default:
                    if (json.TokenType == JsonTokenType.String)
                    {
                        fields.AddText(name, json.GetString()!);
                    }
                    else
                    {
                        json.Skip();
                    }

                    break;
            }
        }

        Expect(json.TokenType == JsonTokenType.EndObject);
    }

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.NotAKeyFile);
        }
    }

    /// <summary>What has been read so far.</summary>
    private sealed class Fields : IDisposable
    {
        private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
        private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

        public void AddText(string name, string value)
        {
            if (!_texts.TryAdd(name, value))
            {
                throw Invalid();
            }
        }

        public void AddKey(string name, ReadOnlySpan<byte> base64)
        {
            byte[] octets = GC.AllocateArray<byte>(SecurityExtensionKey.SizeInBytes + 2, pinned: true);
            if (!_keys.TryAdd(name, octets)
                || Base64.DecodeFromUtf8(base64, octets, out int consumed, out int written) != OperationStatus.Done
                || consumed != base64.Length || written != SecurityExtensionKey.SizeInBytes)
            {
                CryptographicOperations.ZeroMemory(octets);
                throw Invalid();
            }
        }

        public string Text(string name) => _texts.TryGetValue(name, out string? value) ? value : throw Invalid();

        public TransportKeyFile ToFile()
        {
            if (_texts.GetValueOrDefault("format") != Format)
            {
                throw new TransportKeyFileException(TransportKeyFileFault.NotAKeyFile);
            }

            if (Text("version") != Version.ToString(CultureInfo.InvariantCulture))
            {
                throw new TransportKeyFileException(TransportKeyFileFault.UnsupportedVersion);
            }

            if (!XmlTime.TryParse(Text("created"), out DateTimeOffset created))
            {
                throw Invalid();
            }

            using KeyFilePayload payload = new(
                [
                    Text("kmsUri"), Text("kmsAddress"), Text("userUri"), Text("clientId"), Text("transportKey/id"),
                    Text("integrityKey/id"),
                ],
                Key("transportKey/key"), Key("integrityKey/key"), created);
            return payload.ToFile();
        }

        public void Dispose()
        {
            foreach (byte[] key in _keys.Values)
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }

        private byte[] Key(string name) => _keys.TryGetValue(name, out byte[]? key) ? key : throw Invalid();

        private static TransportKeyFileException Invalid() => new(TransportKeyFileFault.InvalidField);
    }
}
