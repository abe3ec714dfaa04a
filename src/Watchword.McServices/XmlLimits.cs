namespace Watchword.McServices;

/// <summary>How much XML is read at all. A body of SIP is small; what is larger is an attack or a mistake.</summary>
public sealed record XmlLimits
{
    /// <summary>The defaults.</summary>
    public static XmlLimits Default { get; } = new();

    /// <summary>
    /// Those of documents that are kept and fetched over HTTP, such as that of a large group: 4 MiB, depth 64, 100000 elements.
    /// </summary>
    public static XmlLimits Document { get; } = new() { MaxOctets = 4 * 1024 * 1024, MaxElements = 100_000 };

    /// <summary>Octets of a document; 256 KiB unless told otherwise.</summary>
    public int MaxOctets { get; init; } = 256 * 1024;

    /// <summary>Elements within each other; 64 unless told otherwise.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Elements of a document; 10000 unless told otherwise.</summary>
    public int MaxElements { get; init; } = 10_000;
}
