namespace Watchword.KeyManagement;

/// <summary>What is wrong with an Annex D document. The numbers are stable.</summary>
public enum KeyManagementFormatFault
{
    /// <summary>Not well-formed XML, not decodable, or XML with a document type (always refused).</summary>
    NotXml = 0,

    /// <summary>More octets than the reader was told to accept.</summary>
    TooLarge = 1,

    /// <summary>Nested deeper than the reader was told to accept.</summary>
    TooDeep = 2,

    /// <summary>More elements or attributes than the reader was told to accept.</summary>
    TooManyElements = 3,

    /// <summary>The root element is not the one expected.</summary>
    UnexpectedRoot = 4,

    /// <summary>An element of the Annex D namespace that this place does not have.</summary>
    UnknownElement = 5,

    /// <summary>An element that may stand once stands twice.</summary>
    DuplicateElement = 6,

    /// <summary>A mandatory element or attribute is missing.</summary>
    MissingElement = 7,

    /// <summary>Text where elements belong, or an element where text belongs.</summary>
    UnexpectedContent = 8,

    /// <summary>A value that its type does not have: a bad number, time, digit, empty or overlong string.</summary>
    InvalidValue = 9,

    /// <summary>Key octets of the wrong number.</summary>
    WrongLength = 10,

    /// <summary>Octets of the right length that are no key: not a point of the curve or of its subgroup.</summary>
    InvalidKey = 11,

    /// <summary>A version, format or parameter set that this reader does not know.</summary>
    UnsupportedVersion = 12,

    /// <summary>A known message that this reader does not take: a signed one, or another kind of answer.</summary>
    UnsupportedMessage = 13,

    /// <summary>A signature of another form than HMAC-SHA256 with canonical XML, a SHA-256 digest and a key name.</summary>
    UnsupportedSignature = 14,

    /// <summary>A signature whose reference does not cover exactly the element that would be used.</summary>
    WrongSignatureCoverage = 15,
}

/// <summary>
/// An Annex D document (TS 33.180) that cannot be read. It names the place and the fault, never anything of the content.
/// </summary>
public sealed class KeyManagementFormatException : Exception
{
    internal KeyManagementFormatException(string elementPath, KeyManagementFormatFault fault)
        : base($"Annex D document refused at '{elementPath}': {Explain(fault)}.")
    {
        ElementPath = elementPath;
        Fault = fault;
    }

    /// <summary>
    /// The place, as element names of Annex D joined by <c>/</c>, such as
    /// <c>KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet[2]/UserID</c>;
    /// an element that Annex D does not have appears as <c>*</c>.
    /// </summary>
    public string ElementPath { get; }

    /// <summary>What is wrong there.</summary>
    public KeyManagementFormatFault Fault { get; }

    private static string Explain(KeyManagementFormatFault fault) => fault switch
    {
        KeyManagementFormatFault.NotXml => "it is not well-formed XML without a document type",
        KeyManagementFormatFault.TooLarge => "it is too large",
        KeyManagementFormatFault.TooDeep => "it is nested too deeply",
        KeyManagementFormatFault.TooManyElements => "it has too many elements or attributes",
        KeyManagementFormatFault.UnexpectedRoot => "it is not the document expected",
        KeyManagementFormatFault.UnknownElement => "the element is unknown here",
        KeyManagementFormatFault.DuplicateElement => "the element stands there twice",
        KeyManagementFormatFault.MissingElement => "a mandatory element or attribute is missing",
        KeyManagementFormatFault.UnexpectedContent => "the content is of the wrong kind",
        KeyManagementFormatFault.InvalidValue => "the value is not one of its type",
        KeyManagementFormatFault.WrongLength => "the key has the wrong length",
        KeyManagementFormatFault.InvalidKey => "the octets are not a key",
        KeyManagementFormatFault.UnsupportedVersion => "the version, format or parameter set is not supported",
        KeyManagementFormatFault.UnsupportedMessage => "the message is of a kind that is not supported",
        KeyManagementFormatFault.UnsupportedSignature => "the signature is of a form that is not supported",
        KeyManagementFormatFault.WrongSignatureCoverage => "the signature does not cover exactly this element",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
