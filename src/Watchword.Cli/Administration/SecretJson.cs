using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Watchword.Cli.Secrets;

namespace Watchword.Cli.Administration;

/// <summary>
/// A JSON request body that holds secrets: written from their octets into pinned memory and wiped when the request is done, so
/// that no password becomes a string.
/// </summary>
internal sealed class SecretJson : IDisposable
{
    private readonly byte[] buffer = GC.AllocateArray<byte>(32_768, pinned: true);
    private int length;

    /// <summary>Writes one object; null texts are left out.</summary>
    public SecretJson(
        IEnumerable<(string Name, SecretText Value)> secrets,
        IEnumerable<(string Name, string? Value)> texts,
        IEnumerable<(string Name, bool Value)> flags)
    {
        FixedWriter target = new(this);
        using Utf8JsonWriter writer = new(target);
        writer.WriteStartObject();
        foreach ((string name, SecretText value) in secrets)
        {
            writer.WriteString(name, value.Octets);
        }

        foreach ((string name, string? value) in texts.Where(text => text.Value is not null))
        {
            writer.WriteString(name, value);
        }

        foreach ((string name, bool value) in flags)
        {
            writer.WriteBoolean(name, value);
        }

        writer.WriteEndObject();
    }

    /// <summary>The body; only valid until dispose.</summary>
    public HttpContent ToContent() => new ByteArrayContent(buffer, 0, length)
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
    };

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(buffer);

    // Grows nowhere: a growing buffer would leave copies behind.
    private sealed class FixedWriter(SecretJson owner) : IBufferWriter<byte>
    {
        public void Advance(int count) => owner.length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => sizeHint <= owner.buffer.Length - owner.length
            ? owner.buffer.AsMemory(owner.length)
            : throw new CliException(ExitCode.Usage, "the values are too long for one request");

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
