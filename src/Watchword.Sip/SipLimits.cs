namespace Watchword.Sip;

/// <summary>Bounds of what is read.</summary>
public sealed record SipLimits
{
    /// <summary>The bounds that hold where none are given.</summary>
    public static SipLimits Default { get; } = new();

    /// <summary>The largest message, in octets.</summary>
    public int MaxMessage { get; init; } = 64 * 1024;

    /// <summary>The largest number of header fields of a message.</summary>
    public int MaxHeaders { get; init; } = 200;

    /// <summary>The longest line, in octets; a folded line counts as one.</summary>
    public int MaxLine { get; init; } = 8 * 1024;

    /// <summary>The largest number of parts of a multipart body.</summary>
    public int MaxParts { get; init; } = 16;

    /// <summary>How deep multipart bodies may be nested.</summary>
    public int MaxDepth { get; init; } = 3;
}
