namespace Watchword.McServices;

/// <summary>What is wrong with a document of an MC service. The numbers are stable.</summary>
public enum McServicesFormatFault
{
    /// <summary>Not well-formed XML, not decodable, or XML with a document type (always refused).</summary>
    NotXml = 0,

    /// <summary>More octets than the reader was told to accept.</summary>
    TooLarge = 1,

    /// <summary>Nested deeper than the reader was told to accept.</summary>
    TooDeep = 2,

    /// <summary>More elements than the reader was told to accept.</summary>
    TooManyElements = 3,

    /// <summary>The root element is not the one expected.</summary>
    UnexpectedRoot = 4,

    /// <summary>
    /// A signature of another form than HMAC-SHA-256 with canonical XML, a SHA-256 digest and the identifier of the key.
    /// </summary>
    UnsupportedSignature = 5,

    /// <summary>A signature whose reference is not the Content-ID of a body, or one that does not cover the body alone.</summary>
    WrongSignatureCoverage = 6,

    /// <summary>Two signatures of one body.</summary>
    DuplicateSignature = 7,

    /// <summary>Signatures or encrypted elements of one document under different keys.</summary>
    SeveralKeys = 8,

    /// <summary>
    /// Encryption of another form than AES-128-GCM of the content of an element with the identifier of the key.
    /// </summary>
    UnsupportedEncryption = 9,

    /// <summary>Encrypted content beside content in clear, or inside encrypted content.</summary>
    MixedEncryption = 10,

    /// <summary>An element or an attribute that must be there is not.</summary>
    MissingElement = 11,

    /// <summary>A value that the element or attribute cannot have.</summary>
    UnexpectedValue = 12,

    /// <summary>An element stands twice that may stand once.</summary>
    DuplicateElement = 13,
}

/// <summary>
/// A document of an MC service that cannot be read. It names the place and the fault, never anything of the content.
/// </summary>
public sealed class McServicesFormatException : Exception
{
    internal McServicesFormatException(string elementPath, McServicesFormatFault fault)
        : base($"Document refused at '{elementPath}': {Explain(fault)}.")
    {
        ElementPath = elementPath;
        Fault = fault;
    }

    /// <summary>The place: the name of an element or attribute that this library knows, or <c>/</c> for the document.</summary>
    public string ElementPath { get; }

    /// <summary>What is wrong there.</summary>
    public McServicesFormatFault Fault { get; }

    private static string Explain(McServicesFormatFault fault) => fault switch
    {
        McServicesFormatFault.NotXml => "it is not well-formed XML without a document type",
        McServicesFormatFault.TooLarge => "it is too large",
        McServicesFormatFault.TooDeep => "it is nested too deeply",
        McServicesFormatFault.TooManyElements => "it has too many elements",
        McServicesFormatFault.UnexpectedRoot => "it is not the document expected",
        McServicesFormatFault.UnsupportedSignature => "the signature is of a form that is not supported",
        McServicesFormatFault.WrongSignatureCoverage => "the signature does not cover exactly one body",
        McServicesFormatFault.DuplicateSignature => "a body is signed twice",
        McServicesFormatFault.SeveralKeys => "several keys are named",
        McServicesFormatFault.UnsupportedEncryption => "the encryption is of a form that is not supported",
        McServicesFormatFault.MixedEncryption => "encrypted content stands beside or inside other content",
        McServicesFormatFault.MissingElement => "what must be there is missing",
        McServicesFormatFault.UnexpectedValue => "it cannot have this value",
        McServicesFormatFault.DuplicateElement => "it may stand there once only",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
