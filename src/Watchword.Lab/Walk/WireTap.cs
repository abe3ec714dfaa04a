using System.Xml;
using System.Xml.Linq;

namespace Watchword.Lab.Walk;

/// <summary>Keeps which XML elements were last sent to the KMS and came back; their content, which may be keys, it does not keep.</summary>
internal sealed class WireTap(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>Local names of the elements of the last request.</summary>
    public IReadOnlySet<string> Sent { get; private set; } = new HashSet<string>();

    /// <summary>Local names of the elements of the last answer.</summary>
    public IReadOnlySet<string> Received { get; private set; } = new HashSet<string>();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Sent = await ReadAsync(request.Content, cancellationToken);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        Received = await ReadAsync(response.Content, cancellationToken);
        return response;
    }

    private static async Task<IReadOnlySet<string>> ReadAsync(HttpContent? content, CancellationToken cancellation)
    {
        if (content is null)
        {
            return new HashSet<string>();
        }

        // Read into its buffer, so that it can be read again.
        await content.LoadIntoBufferAsync(cancellation);
        byte[] octets = await content.ReadAsByteArrayAsync(cancellation);
        if (octets.Length == 0)
        {
            return new HashSet<string>();
        }

        using MemoryStream stream = new(octets);
        using XmlReader reader = XmlReader.Create(stream, Settings);
        return XDocument.Load(reader).Descendants().Select(element => element.Name.LocalName).ToHashSet(StringComparer.Ordinal);
    }
}
