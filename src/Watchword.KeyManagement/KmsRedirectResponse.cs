using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using Watchword.KeyManagement.Signing;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// A KMS redirect response (KRR, TS 33.180 5.2.8, D.4): somebody on the path of a message does not take its pair of KMSs and
/// proposes others. Clients upload them to their home KMS (D.2.8). The names of the elements within are not known: those used
/// here are reconstructed, and reading passes over whatever it does not know, in any namespace. Nothing in it is to be believed
/// unless <see cref="TryVerify"/> names a signer who is trusted; the octets are kept for that.
/// </summary>
public sealed class KmsRedirectResponse
{
    internal const string Root = "KmsRedirectResponse";

    internal const string ListName = "KrrList";

    private const string InitiatorName = "InitiatorKmsUri";
    private const string ReceiverName = "ReceiverKmsUri";
    private const string ProposedName = "ProposedKmsUri";
    private const string RejectedPrefix = "Rejected";
    private const int MaxUriLength = 2048;

    private KmsRedirectResponse(byte[] octets) => Octets = octets;

    /// <summary>The KMS of the initiator that was rejected, or null.</summary>
    public string? RejectedInitiatorKmsUri { get; private init; }

    /// <summary>The KMS of the receiver that was rejected, or null.</summary>
    public string? RejectedReceiverKmsUri { get; private init; }

    /// <summary>The KMSs proposed instead, in their order.</summary>
    public IReadOnlyList<string> ProposedKmsUris { get; private init; } = [];

    /// <summary>The KRR that this one narrows down, or null.</summary>
    public KmsRedirectResponse? Embedded { get; private init; }

    /// <summary>True if it has a signature, which <see cref="TryVerify"/> checks.</summary>
    public bool HasUnverifiedSignature { get; private init; }

    /// <summary>True if it came as a <c>KrrList</c> that is a KRR itself, and has to be written as one.</summary>
    internal bool IsList { get; private init; }

    /// <summary>
    /// The element with all that is in it, in canonical form (Canonical XML 1.0) as a document of its own.
    /// </summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>Reads a KRR as it comes in a SIP response (<c>application/vnd.3gpp.kmsredirectresponse+xml</c>).</summary>
    /// <param name="document">The whole document; nothing may follow it.</param>
    /// <param name="options">Limits; <see cref="AnnexDReadOptions.Request"/> if null.</param>
    /// <exception cref="KeyManagementFormatException">It is not a KRR, or passes a limit.</exception>
    public static KmsRedirectResponse Parse(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null)
    {
        options ??= AnnexDReadOptions.Request;
        using (AnnexDReader reader = new(document, options))
        {
            reader.ReadAnyRoot(Root);
            reader.SkipElement();
            reader.ReadEnd();
        }

        return Read(CanonicalXml.Load(document, options).DocumentElement!);
    }

    /// <summary>Makes a KRR without signature.</summary>
    /// <param name="rejectedInitiatorKmsUri">The KMS of the initiator of the message that is rejected.</param>
    /// <param name="rejectedReceiverKmsUri">The KMS of its receiver.</param>
    /// <param name="proposedKmsUris">The KMSs proposed instead.</param>
    /// <param name="embedded">The KRR that this one narrows down, or null.</param>
    /// <exception cref="ArgumentException">A string holds a character that XML cannot carry.</exception>
    public static KmsRedirectResponse Create(
        string rejectedInitiatorKmsUri, string rejectedReceiverKmsUri, IReadOnlyList<string> proposedKmsUris,
        KmsRedirectResponse? embedded = null)
    {
        ArgumentNullException.ThrowIfNull(proposedKmsUris);
        using MemoryStream document = new();
        using (XmlWriter writer = XmlWriter.Create(
            document, new XmlWriterSettings { NewLineHandling = NewLineHandling.Entitize }))
        {
            writer.WriteStartElement(Root, AnnexDNames.RedirectResponse);
            writer.WriteElementString(InitiatorName, AnnexDNames.RedirectResponse, rejectedInitiatorKmsUri);
            writer.WriteElementString(ReceiverName, AnnexDNames.RedirectResponse, rejectedReceiverKmsUri);
            foreach (string proposed in proposedKmsUris)
            {
                writer.WriteElementString(ProposedName, AnnexDNames.RedirectResponse, proposed);
            }

            embedded?.WriteTo(writer);
            writer.WriteEndElement();
        }

        return Parse(document.ToArray());
    }

    /// <summary>
    /// Whether this one and those within it are about the same pair of KMSs, and each proposes nothing that the one within
    /// does not (TS 33.180 5.2.8): what an honest chain of intermediates makes.
    /// </summary>
    public bool NarrowsWhatIsEmbedded
    {
        get
        {
            for (KmsRedirectResponse outer = this; outer.Embedded is { } inner; outer = inner)
            {
                if (outer.RejectedInitiatorKmsUri != inner.RejectedInitiatorKmsUri
                    || outer.RejectedReceiverKmsUri != inner.RejectedReceiverKmsUri
                    || outer.ProposedKmsUris.Except(inner.ProposedKmsUris, StringComparer.Ordinal).Any())
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>
    /// What an intermediate sends on that does not take some of the proposals: a KRR that embeds this one and proposes the
    /// rest, in the order of this one (TS 33.180 5.2.8). It has no signature yet.
    /// </summary>
    /// <param name="isAcceptable">Whether a proposed KMS is taken.</param>
    /// <exception cref="InvalidOperationException">This one does not say which pair was rejected.</exception>
    /// <exception cref="KeyManagementFormatException">With one more embedded it passes a limit of reading.</exception>
    public KmsRedirectResponse Narrow(Func<string, bool> isAcceptable)
    {
        ArgumentNullException.ThrowIfNull(isAcceptable);
        return RejectedInitiatorKmsUri is { } initiator && RejectedReceiverKmsUri is { } receiver
            ? Create(initiator, receiver, [.. ProposedKmsUris.Where(isAcceptable)], this)
            : throw new InvalidOperationException("The KMS redirect response names no pair of KMSs.");
    }

    /// <summary>Signs: XML Signature 1.1 within the element, ECDSA with SHA-256, certificate included (TS 33.180 D.4.2).</summary>
    /// <param name="certificate">The X.509 certificate of who signs, with its ECDSA key.</param>
    /// <returns>The same KRR with a signature. What it embeds keeps its own.</returns>
    /// <exception cref="InvalidOperationException">It is signed, or a list.</exception>
    /// <exception cref="ArgumentException">The certificate has no private ECDSA key.</exception>
    public KmsRedirectResponse Sign(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return HasUnverifiedSignature || IsList
            ? throw new InvalidOperationException("The KMS redirect response is signed, or is a list.")
            : Parse(EnvelopedSignature.Sign(Octets, certificate), AnnexDReadOptions.Response);
    }

    /// <summary>
    /// Checks the signature over the whole of it, embedded ones and their signatures included. False if there is none, more
    /// than one, one of another form than <see cref="Sign"/> makes, or a wrong one.
    /// </summary>
    /// <param name="signer">
    /// The certificate that came along. Nothing says yet that it is trusted: the caller checks its chain and whom it names,
    /// and disposes it.
    /// </param>
    public bool TryVerify([NotNullWhen(true)] out X509Certificate2? signer) => EnvelopedSignature.TryVerify(Octets, out signer);

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(KmsRedirectResponse);

    /// <summary>
    /// Reads the <c>KrrList</c> elements of a request that has been read already. One of them either holds KRRs or, as its type
    /// in the schema suggests, is one itself.
    /// </summary>
    internal static List<KmsRedirectResponse> ReadLists(ReadOnlyMemory<byte> request, AnnexDReadOptions options)
    {
        List<KmsRedirectResponse> responses = [];
        foreach (XmlElement list in Children(CanonicalXml.Load(request, options).DocumentElement!)
            .Where(c => c.LocalName == ListName))
        {
            List<XmlElement> children = Children(list);
            if (children.Exists(IsResponse) && !children.Exists(IsField))
            {
                responses.AddRange(children.Where(IsResponse).Select(Read));
            }
            else
            {
                responses.Add(Read(list));
            }
        }

        return responses;
    }

    internal void WriteTo(XmlWriter writer)
    {
        using MemoryStream octets = BoundedInput.Open(Octets);
        using XmlReader reader = XmlReader.Create(
            octets, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        reader.MoveToContent();
        writer.WriteNode(reader, defattr: false);
    }

    private static KmsRedirectResponse Read(XmlElement element)
    {
        List<XmlElement> children = Children(element);
        XmlElement? embedded = children.Find(child => child.LocalName == Root);
        return new KmsRedirectResponse(CanonicalXml.OctetsAlone(element))
        {
            IsList = element.LocalName == ListName && element.NamespaceURI == AnnexDNames.Kms,
            RejectedInitiatorKmsUri = Values(children, InitiatorName).FirstOrDefault(),
            RejectedReceiverKmsUri = Values(children, ReceiverName).FirstOrDefault(),
            ProposedKmsUris = [.. Values(children, ProposedName)],
            Embedded = embedded is null ? null : Read(embedded),
            HasUnverifiedSignature = children.Exists(EnvelopedSignature.IsSignature),
        };
    }

    /// <summary>A list of another namespace, read leniently and written again, stands in a list too.</summary>
    private static bool IsResponse(XmlElement element) => element.LocalName is Root or ListName;

    private static bool IsField(XmlElement element) =>
        Matches(element, InitiatorName) || Matches(element, ReceiverName) || Matches(element, ProposedName);

    private static bool Matches(XmlElement element, string name) =>
        element.LocalName == name || element.LocalName == RejectedPrefix + name;

    /// <summary>The text of the elements of a name; an element that holds something else is a vendor's, not ours.</summary>
    private static IEnumerable<string> Values(List<XmlElement> elements, string name) => elements
        .Where(element => Matches(element, name) && Children(element).Count == 0)
        .Select(element => element.InnerText.Trim(AnnexDReader.XmlWhiteSpace))
        .Where(text => text.Length is > 0 and <= MaxUriLength);

    private static List<XmlElement> Children(XmlElement element) => [.. element.ChildNodes.OfType<XmlElement>()];
}
