using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Watchword.KeyManagement.Signing;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The body of a request to a KMS (<c>KmsRequest</c>, TS 33.180 D.2.2). A body is optional for deployed clients; one that is
/// signed is refused here as <see cref="KeyManagementFormatFault.UnsupportedMessage"/>, never read unverified:
/// <see cref="SignedKmsRequest"/> reads it.
/// </summary>
public sealed class KmsRequest
{
    internal const string Root = "KmsRequest";

    private static readonly ElementSet Children = new(
        "UserUri", "KmsUri", "Time", "ClientId", "DeviceId", "ClientReqUrl", "KrrList*", "ClientError", "TrK-ID", "Signature-ID",
        "w:HeldCertificates");

    private IReadOnlyList<KmsRedirectResponse> _redirectResponses = [];

    /// <summary>The user who makes the request.</summary>
    public required string UserUri { get; init; }

    /// <summary>The KMS addressed.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The client's time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// False if <c>Time</c> came without zone and was therefore read as UTC, while some deployed clients write local time.
    /// </summary>
    public bool TimeHadZone { get; private init; } = true;

    /// <summary>Names the client software, or null.</summary>
    public string? ClientId { get; init; }

    /// <summary>Names the device, or null.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The URI that the request is posted to.</summary>
    public required string ClientReqUrl { get; init; }

    /// <summary>KMS redirect responses that the client hands on (<c>KrrList</c>, D.2.8).</summary>
    public IReadOnlyList<KmsRedirectResponse> RedirectResponses { get => _redirectResponses; init => _redirectResponses = value; }

    /// <summary>The KMS certificates that the client says it holds (extension element <c>w:HeldCertificates</c>).</summary>
    public IReadOnlyList<HeldCertificate> HeldCertificates { get; init; } = [];

    /// <summary>Report of an earlier failure at the client, or null.</summary>
    public KmsErrorBody? ClientError { get; init; }

    /// <summary>The transport key that the client holds (<c>TrK-ID</c>), or null.</summary>
    public string? TransportKeyId { get; init; }

    /// <summary>The key that signs the request (<c>Signature-ID</c>), or null.</summary>
    public string? SignatureId { get; init; }

    /// <summary>Reads a request.</summary>
    /// <param name="document">The whole document; nothing may follow it.</param>
    /// <param name="options">Limits and leniency; <see cref="AnnexDReadOptions.Request"/> if null.</param>
    /// <exception cref="KeyManagementFormatException">It is not a request, or passes a limit.</exception>
    public static KmsRequest Parse(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null)
    {
        using AnnexDReader reader = new(document, options ?? AnnexDReadOptions.Request);
        reader.ReadRoot(Root);
        KmsRequest request = Read(reader, out bool redirects);
        reader.ReadEnd();
        if (redirects)
        {
            request._redirectResponses = KmsRedirectResponse.ReadLists(document, reader.Options);
        }

        return request;
    }

    /// <summary>Reads a request; false where <see cref="Parse"/> throws.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> document, AnnexDReadOptions? options, [NotNullWhen(true)] out KmsRequest? request)
    {
        try
        {
            request = Parse(document, options);
            return true;
        }
        catch (KeyManagementFormatException)
        {
            request = null;
            return false;
        }
    }

    /// <summary>Reads a request from a stream to its end, at most as far as the limit.</summary>
    /// <inheritdoc cref="Parse"/>
    public static async ValueTask<KmsRequest> ParseAsync(
        Stream stream, AnnexDReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        using BoundedInput input = await BoundedInput.ReadAsync(stream, options ?? AnnexDReadOptions.Request, cancellationToken);
        return Parse(input.Octets, options);
    }

    /// <summary>Writes the request in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A string holds a character that XML cannot carry.</exception>
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

    /// <summary>Signs the request and writes it as <c>SignedKmsRequest</c>.</summary>
    /// <param name="destination">Takes the document.</param>
    /// <param name="key">
    /// The integrity key, or the transport key of a client without one; stays with the caller. <see cref="SignatureId"/> must be
    /// its id or null, which writes its id.
    /// </param>
    /// <param name="options">How to write; <see cref="AnnexDOptions.Default"/> if null.</param>
    /// <exception cref="ArgumentException">A string holds a character that XML cannot carry.</exception>
    /// <exception cref="InvalidOperationException"><see cref="SignatureId"/> names another key.</exception>
    public void WriteSignedTo(Stream destination, SecurityExtensionKey key, AnnexDOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(key);
        options ??= AnnexDOptions.Default;
        using PinnedStream message = new();
        using (AnnexDWriter writer = new(message, options, withDeclaration: false))
        {
            Write(writer, DocumentSigner.Id, DocumentSigner.SignatureId(SignatureId, key));
        }

        // What others wrote is not in canonical form where it stands now.
        ReadOnlySpan<byte> canonical = RedirectResponses.Count == 0
            ? message.Written
            : CanonicalXml.Octets(CanonicalXml.Load(message.Written.ToArray(), AnnexDReadOptions.Response).DocumentElement!);
        DocumentSigner.Write(destination, Root, canonical, key, options.Namespace);
    }

    private void Write(AnnexDWriter writer, string? id, string? signatureId)
    {
        writer.StartDocument(Root, AnnexDNames.RequestVersion, id);
        writer.Text("UserUri", UserUri);
        writer.Text("KmsUri", KmsUri);
        writer.Time("Time", Time);
        writer.OptionalText("ClientId", ClientId);
        writer.OptionalText("DeviceId", DeviceId);
        writer.Text("ClientReqUrl", ClientReqUrl);
        WriteRedirects(writer);
        ClientError?.Write(writer, "ClientError");
        writer.OptionalText("TrK-ID", TransportKeyId);
        writer.OptionalText("Signature-ID", signatureId);
        HeldCertificate.WriteList(writer, HeldCertificates);
        writer.EndDocument();
    }

    /// <summary>Those that follow each other share a <c>KrrList</c>; one that came as a list stands by itself.</summary>
    private void WriteRedirects(AnnexDWriter writer)
    {
        bool within = false;
        foreach (KmsRedirectResponse response in RedirectResponses)
        {
            if (within == response.IsList)
            {
                within = !within;
                if (within)
                {
                    writer.Start(KmsRedirectResponse.ListName);
                }
                else
                {
                    writer.End();
                }
            }

            writer.Foreign(response);
        }

        if (within)
        {
            writer.End();
        }
    }

    private static KmsRequest Read(AnnexDReader reader, out bool redirects)
    {
        reader.CheckVersion();
        MessageHead head = new();
        string? clientId = null, deviceId = null;
        KmsErrorBody? error = null;
        IReadOnlyList<HeldCertificate> held = [];
        redirects = false;

        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            if (head.TryRead(reader, child.Current))
            {
                continue;
            }

            switch (child.Current)
            {
                case "ClientId": clientId = reader.ReadString(); break;
                case "DeviceId": deviceId = reader.ReadString(); break;
                case "KrrList": redirects = true; reader.SkipElement(); break;
                case "ClientError": error = KmsErrorBody.Read(reader); break;
                case "w:HeldCertificates": held = HeldCertificate.ReadList(reader); break;
            }
        }

        MessageHead.Require(child);
        return new KmsRequest
        {
            UserUri = head.UserUri!,
            KmsUri = head.KmsUri!,
            Time = head.Time,
            TimeHadZone = head.TimeHadZone,
            ClientId = clientId,
            DeviceId = deviceId,
            ClientReqUrl = head.ClientReqUrl!,
            HeldCertificates = held,
            ClientError = error,
            TransportKeyId = head.TransportKeyId,
            SignatureId = head.SignatureId,
        };
    }
}
