using System.Xml;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Http;

/// <summary>The body of a request, read as strictly as it goes: none, a KmsRequest or a SignedKmsRequest.</summary>
/// <param name="Request">The request without signature.</param>
/// <param name="Signed">The signed request, not verified.</param>
/// <param name="StrictFault">What strict reading refused; null if it did not.</param>
internal sealed record ReceivedBody(KmsRequest? Request, SignedKmsRequest? Signed, KmsException? StrictFault)
{
    private static readonly AnnexDReadOptions Lenient = AnnexDReadOptions.Request with { Lenient = true };

    public bool IsEmpty => Request is null && Signed is null;

    /// <summary>True if the root element is of another namespace than that of the text.</summary>
    public bool HasOtherNamespace { get; private init; }

    /// <summary>Reads a body; leniently only what strict reading refuses.</summary>
    /// <exception cref="KmsException">It cannot be read leniently either: the fault of strict reading.</exception>
    public static ReceivedBody Read(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return new ReceivedBody(null, null, null);
        }

        if (TryParse(body, AnnexDReadOptions.Request, out KmsException? fault) is { } read)
        {
            return read;
        }

        return fault!.Error != KmsError.BodyTooLarge && TryParse(body, Lenient, out _) is { } lenient
            ? lenient with { StrictFault = fault, HasOtherNamespace = NamespaceOf(body) != AnnexDOptions.Default.Namespace }
            : throw fault;
    }

    private static ReceivedBody? TryParse(ReadOnlyMemory<byte> body, AnnexDReadOptions options, out KmsException? fault)
    {
        // Signed or not is told by the root element alone.
        bool isSigned = SignedKmsRequest.IsSigned(body, options);
        try
        {
            fault = null;
            return isSigned
                ? new ReceivedBody(null, SignedKmsRequest.Parse(body, options), null)
                : new ReceivedBody(KmsRequest.Parse(body, options), null, null);
        }
        catch (KeyManagementFormatException cause)
        {
            KmsError error = cause.Fault == KeyManagementFormatFault.TooLarge ? KmsError.BodyTooLarge
                : isSigned ? KmsError.SignedRequestMalformed : KmsError.MalformedRequest;
            fault = new KmsException(error, $"{cause.Fault} at {cause.ElementPath}", cause);
            return null;
        }
    }

    /// <summary>The namespace of the root element of a document that was read within its limits before.</summary>
    private static string NamespaceOf(ReadOnlyMemory<byte> body)
    {
        using MemoryStream stream = new(body.ToArray());
        using XmlReader reader = XmlReader.Create(
            stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        reader.MoveToContent();
        return reader.NamespaceURI;
    }
}
