using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Watchword.KeyManagement.Signing;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The body of an answer of a KMS (<c>KmsResponse</c>, TS 33.180 D.3.1). It owns the key sets in its message. A signed one
/// is refused here as <see cref="KeyManagementFormatFault.UnsupportedMessage"/>, never read unverified:
/// <see cref="SignedKmsResponse"/> reads it.
/// </summary>
public sealed class KmsResponse : IDisposable
{
    internal const string Root = "KmsResponse";

    private static readonly ElementSet Children = new(
        "UserUri", "KmsUri", "Time", "KmsId", "ClientReqUrl", "KmsMessage", "KmsError", "TrK-ID", "Signature-ID");

    /// <summary>The user addressed.</summary>
    public required string UserUri { get; init; }

    /// <summary>The KMS that answers.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The time of the answer.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>False if <c>Time</c> came without zone and was therefore read as UTC.</summary>
    public bool TimeHadZone { get; private init; } = true;

    /// <summary>Names the KMS instance, or null.</summary>
    public string? KmsId { get; init; }

    /// <summary>The URI that the request was posted to.</summary>
    public required string ClientReqUrl { get; init; }

    /// <summary>The answer; null on error.</summary>
    public KmsMessage? Message { get; init; }

    /// <summary>The error, or null.</summary>
    public KmsErrorBody? Error { get; init; }

    /// <summary>The transport key that protects the message (<c>TrK-ID</c>), or null.</summary>
    public string? TransportKeyId { get; init; }

    /// <summary>The key that signs the response (<c>Signature-ID</c>), or null.</summary>
    public string? SignatureId { get; init; }

    /// <summary>
    /// Reads a response. Key octets go to pinned memory; buffers of the XML reader, and the document itself, are not zeroed.
    /// </summary>
    /// <param name="document">The whole document; nothing may follow it.</param>
    /// <param name="options">Limits and leniency; <see cref="AnnexDReadOptions.Response"/> if null.</param>
    /// <exception cref="KeyManagementFormatException">It is not a response, or passes a limit.</exception>
    public static KmsResponse Parse(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null)
    {
        using AnnexDReader reader = new(document, options ?? AnnexDReadOptions.Response);
        reader.ReadRoot(Root);
        KmsResponse response = Read(reader);
        try
        {
            reader.ReadEnd();
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Reads a response; false where <see cref="Parse"/> throws.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> document, AnnexDReadOptions? options, [NotNullWhen(true)] out KmsResponse? response)
    {
        try
        {
            response = Parse(document, options);
            return true;
        }
        catch (KeyManagementFormatException)
        {
            response = null;
            return false;
        }
    }

    /// <summary>
    /// Reads a response from a stream to its end, at most as far as the limit; the octets read are zeroed afterwards.
    /// </summary>
    /// <inheritdoc cref="Parse"/>
    public static async ValueTask<KmsResponse> ParseAsync(
        Stream stream, AnnexDReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        using BoundedInput input = await BoundedInput.ReadAsync(stream, options ?? AnnexDReadOptions.Response, cancellationToken);
        return Parse(input.Octets, options);
    }

    /// <summary>Writes the response in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A string holds a character that XML cannot carry.</exception>
    /// <exception cref="ObjectDisposedException">A key set has been disposed.</exception>
    public void WriteTo(Stream destination, AnnexDOptions? options)
    {
        using AnnexDWriter writer = new(destination, options ?? AnnexDOptions.Default);
        Write(writer, id: null, SignatureId);
    }

    /// <inheritdoc cref="WriteTo(Stream, AnnexDOptions?)"/>
    public void WriteTo(Stream destination) => WriteTo(destination, AnnexDOptions.Default);

    /// <inheritdoc cref="WriteTo(Stream, AnnexDOptions?)"/>
    public void WriteTo(IBufferWriter<byte> destination) => WriteTo(destination, AnnexDOptions.Default);

    /// <inheritdoc cref="WriteTo(Stream, AnnexDOptions?)"/>
    public void WriteTo(IBufferWriter<byte> destination, AnnexDOptions? options)
    {
        using BufferWriterStream stream = new(destination);
        WriteTo(stream, options);
    }

    /// <summary>Signs the response and writes it as <c>SignedKmsResponse</c>.</summary>
    /// <param name="destination">Takes the document.</param>
    /// <param name="key">
    /// The client's integrity key, or its transport key if it has none; stays with the caller. <see cref="SignatureId"/> must be
    /// its id or null, which writes its id.
    /// </param>
    /// <param name="options">How to write; <see cref="AnnexDOptions.Default"/> if null.</param>
    /// <exception cref="ArgumentException">A string holds a character that XML cannot carry.</exception>
    /// <exception cref="InvalidOperationException"><see cref="SignatureId"/> names another key.</exception>
    /// <exception cref="ObjectDisposedException">A key set or the key has been disposed.</exception>
    public void WriteSignedTo(Stream destination, SecurityExtensionKey key, AnnexDOptions? options)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(key);
        options ??= AnnexDOptions.Default;
        using PinnedStream message = new();
        using (AnnexDWriter writer = new(message, options, withDeclaration: false))
        {
            Write(writer, DocumentSigner.Id, DocumentSigner.SignatureId(SignatureId, key));
        }

        DocumentSigner.Write(destination, Root, message.Written, key, options.Namespace);
    }

    /// <inheritdoc cref="WriteSignedTo(Stream, SecurityExtensionKey, AnnexDOptions?)"/>
    public void WriteSignedTo(Stream destination, SecurityExtensionKey key) => WriteSignedTo(destination, key, AnnexDOptions.Default);

    /// <inheritdoc cref="WriteSignedTo(Stream, SecurityExtensionKey, AnnexDOptions?)"/>
    public void WriteSignedTo(IBufferWriter<byte> destination, SecurityExtensionKey key, AnnexDOptions? options)
    {
        using BufferWriterStream stream = new(destination);
        WriteSignedTo(stream, key, options);
    }

    /// <summary>Disposes the message with its key sets.</summary>
    public void Dispose() => Message?.Dispose();

    private void Write(AnnexDWriter writer, string? id, string? signatureId)
    {
        writer.StartDocument(Root, AnnexDNames.ResponseVersion, id);
        writer.Text("UserUri", UserUri);
        writer.Text("KmsUri", KmsUri);
        writer.Time("Time", Time);
        writer.OptionalText("KmsId", KmsId);
        writer.Text("ClientReqUrl", ClientReqUrl);
        if (Message is not null)
        {
            writer.Start("KmsMessage");
            Message.Write(writer);
            writer.End();
        }

        Error?.Write(writer, "KmsError");
        writer.OptionalText("TrK-ID", TransportKeyId);
        writer.OptionalText("Signature-ID", signatureId);
        writer.EndDocument();
    }

    private static KmsResponse Read(AnnexDReader reader)
    {
        reader.CheckVersion();
        MessageHead head = new();
        string? kmsId = null;
        KmsMessage? message = null;
        KmsErrorBody? error = null;
        try
        {
            ElementCursor child = new(reader, Children);
            while (child.MoveNext())
            {
                if (head.TryRead(reader, child.Current))
                {
                    continue;
                }

                switch (child.Current)
                {
                    case "KmsId": kmsId = reader.ReadString(); break;
                    case "KmsMessage": message = KmsMessage.Read(reader); break;
                    case "KmsError": error = KmsErrorBody.Read(reader); break;
                }
            }

            MessageHead.Require(child);
        }
        catch
        {
            message?.Dispose();
            throw;
        }

        return new KmsResponse
        {
            UserUri = head.UserUri!,
            KmsUri = head.KmsUri!,
            Time = head.Time,
            TimeHadZone = head.TimeHadZone,
            KmsId = kmsId,
            ClientReqUrl = head.ClientReqUrl!,
            Message = message,
            Error = error,
            TransportKeyId = head.TransportKeyId,
            SignatureId = head.SignatureId,
        };
    }
}
