using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>How the <c>UserID</c> element is spelt: deployed peers differ.</summary>
public enum UserIdEncoding
{
    /// <summary>Base64, 44 characters.</summary>
    Base64 = 0,

    /// <summary>64 upper-case hexadecimal digits.</summary>
    Hexadecimal = 1,
}

/// <summary>How Annex D documents are written.</summary>
public sealed record AnnexDOptions
{
    /// <summary>The defaults: <c>UserID</c> in base64, times with <c>Z</c>.</summary>
    public static AnnexDOptions Default { get; } = new();

    /// <summary>How <c>UserID</c> is spelt.</summary>
    public UserIdEncoding UserIdEncoding { get; init; }

    /// <summary>True if times end in <c>Z</c>; false writes UTC without zone, as the sample messages of D.3.4 do.</summary>
    public bool TimesCarryZone { get; init; } = true;

    /// <summary>
    /// The namespace of the elements. Clients of Release 13, whose text left it open, have their own and take no other.
    /// </summary>
    public string Namespace { get; init; } = AnnexDNames.Kms;
}

/// <summary>How Annex D documents are read. Every limit holds before anything is kept of the document.</summary>
public sealed record AnnexDReadOptions
{
    /// <summary>Limits for a request: 64 KiB, 16 levels, 256 elements; strict.</summary>
    public static AnnexDReadOptions Request { get; } = new() { MaxOctets = 64 * 1024, MaxElements = 256 };

    /// <summary>Limits for a response: 4 MiB, 16 levels, 16,384 elements; strict.</summary>
    public static AnnexDReadOptions Response { get; } = new() { MaxOctets = 4 * 1024 * 1024, MaxElements = 16 * 1024 };

    /// <summary>
    /// True to bear with peers of other releases: elements are matched by local name in any namespace, unknown ones are
    /// skipped, any <c>Version</c> is taken and white space may stand within hexadecimal digits. What is known is still checked.
    /// </summary>
    public bool Lenient { get; init; }

    /// <summary>Longest document, in octets.</summary>
    public int MaxOctets { get; init; } = 64 * 1024;

    /// <summary>Deepest nesting; the root element is level 1.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Most elements in a document.</summary>
    public int MaxElements { get; init; } = 256;

    /// <summary>
    /// For the canonical form of a document that held these limits: it is longer by what the form spells out, and is not refused for it.
    /// </summary>
    internal AnnexDReadOptions ForCanonical(int length) => this with { MaxOctets = Math.Max(MaxOctets, length) };
}
