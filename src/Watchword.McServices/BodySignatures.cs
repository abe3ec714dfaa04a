using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;
using Watchword.McServices.Protection;
using Watchword.McServices.Xml;

namespace Watchword.McServices;

/// <summary>
/// The signatures of the XML bodies of a SIP message, which are a body of their own (TS 33.180 9.3.5, TS 24.379 6.6.3 and F.6): a
/// list of <c>ds:Signature</c>, one for each signed body, HMAC-SHA-256 with the XPK-ID as key name, the reference being the
/// Content-ID.
/// </summary>
/// <remarks>
/// A signature lies apart from what it signs, so nothing can be wrapped around it; what could be changed is which body it is
/// taken for. So every signature must belong to a body that is there, every body to exactly one signature, and what is to be used
/// is what <see cref="TryVerify"/> gives back: the octets that were hashed.
/// </remarks>
public sealed class BodySignatures
{
    /// <summary>The media type of the body (TS 24.379 F.6).</summary>
    public const string MediaType = "application/vnd.3gpp.mcptt-signed+xml";

    /// <summary>The most signatures that are read.</summary>
    public const int MaximumCount = 32;

    private const string Root = "signatures";

    private readonly List<BodySignature> _signatures;
    private readonly XmlLimits _limits;

    private BodySignatures(List<BodySignature> signatures, XmlLimits limits)
    {
        _signatures = signatures;
        _limits = limits;
    }

    /// <summary>The identifier of the key that all of them name.</summary>
    public uint XpkId => _signatures[0].XpkId;

    /// <summary>The Content-IDs of the signed bodies, without angle brackets.</summary>
    public IReadOnlyList<string> ContentIds => [.. _signatures.Select(signature => signature.ContentId)];

    /// <summary>Signs bodies as they are, octet by octet.</summary>
    /// <param name="bodies">The bodies by Content-ID, without angle brackets; 1 to 32.</param>
    /// <param name="key">The key.</param>
    /// <returns>The document of the signatures, UTF-8.</returns>
    /// <exception cref="ArgumentException">No body, too many, or a Content-ID that is none.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static byte[] Sign(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> bodies, SignallingIntegrityKey key)
    {
        if (bodies.Count is 0 or > MaximumCount || !bodies.Keys.All(ContentId.IsValid))
        {
            throw new ArgumentException("1 to 32 bodies with a Content-ID each.", nameof(bodies));
        }

        StringBuilder document = new($"<?xml version=\"1.0\" encoding=\"utf-8\"?><{Root} xmlns=\"{Names.SignedDocument}\">");
        int number = 0;
        foreach ((string contentId, ReadOnlyMemory<byte> body) in bodies.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            document.Append(BodySignature.Make($"signature{++number}", contentId, body.Span, key));
        }

        return Encoding.UTF8.GetBytes(document.Append("</").Append(Root).Append('>').ToString());
    }

    /// <summary>Reads the signatures. Their form has been checked, and nothing else.</summary>
    /// <param name="document">The document of the signatures as received.</param>
    /// <param name="limits">Limits, of the bodies as well; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">Not XML, past a limit, or of another form.</exception>
    public static BodySignatures Parse(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        limits ??= XmlLimits.Default;
        XmlElement root = BoundedXml.Load(document, limits).DocumentElement!;
        if (root.LocalName != Root || root.NamespaceURI != Names.SignedDocument)
        {
            throw new McServicesFormatException(BoundedXml.Root, McServicesFormatFault.UnexpectedRoot);
        }

        StrictElement strict = new(McServicesFormatFault.UnsupportedSignature);
        List<XmlElement> elements = strict.Elements(root, textAllowed: false);
        strict.Require(elements.Count is > 0 and <= MaximumCount, root);
        List<BodySignature> signatures = elements.ConvertAll(BodySignature.Read);
        if (signatures.Select(signature => signature.ContentId).Distinct(StringComparer.Ordinal).Count() != signatures.Count)
        {
            throw new McServicesFormatException("Reference", McServicesFormatFault.DuplicateSignature);
        }

        return signatures.TrueForAll(signature => signature.XpkId == signatures[0].XpkId)
            ? new BodySignatures(signatures, limits)
            : throw new McServicesFormatException("KeyName", McServicesFormatFault.SeveralKeys);
    }

    /// <summary>Checks that exactly these bodies are signed with this key and unchanged.</summary>
    /// <param name="bodies">All bodies that must be signed, by Content-ID without angle brackets.</param>
    /// <param name="key">The key.</param>
    /// <param name="verified">
    /// The bodies to use, by Content-ID: the octets that the digests cover. They are those given, or their canonical form if the
    /// signer asked for it.
    /// </param>
    /// <param name="fault">Why not.</param>
    /// <exception cref="McServicesFormatException">
    /// A body that is to be brought into canonical form is not XML, or passes a limit.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool TryVerify(
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> bodies,
        SignallingIntegrityKey key,
        [NotNullWhen(true)] out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified,
        out BodySignatureFault fault)
    {
        verified = null;
        fault = Correspondence(bodies, key);
        if (fault != BodySignatureFault.None)
        {
            return false;
        }

        Dictionary<string, ReadOnlyMemory<byte>> contents = new(StringComparer.Ordinal);
        bool valid = true;
        foreach (BodySignature signature in _signatures)
        {
            // The MAC first: what was not signed by the key does not decide what is done to the body.
            ReadOnlyMemory<byte> content = default;
            valid &= signature.IsSignedBy(key) && signature.Covers(bodies[signature.ContentId], _limits, out content);
            contents[signature.ContentId] = content;
        }

        fault = valid ? BodySignatureFault.None : BodySignatureFault.Invalid;
        verified = valid ? contents : null;
        return valid;
    }

    private BodySignatureFault Correspondence(
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> bodies, SignallingIntegrityKey key) =>
        key.XpkId != XpkId ? BodySignatureFault.OtherKey
        : !_signatures.TrueForAll(signature => bodies.ContainsKey(signature.ContentId)) ? BodySignatureFault.MissingBody
        : bodies.Count != _signatures.Count ? BodySignatureFault.NotSigned
        : BodySignatureFault.None;
}
