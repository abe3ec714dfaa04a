namespace Watchword.Client;

/// <summary>What an XCAP server answered to a request that it did not refuse.</summary>
/// <param name="IsUnchanged">Whether the client has it already (304); there is no content then.</param>
/// <param name="Content">The document or node; empty after a change.</param>
/// <param name="MediaType">The media type of the content; null without content.</param>
/// <param name="ETag">The entity tag with its quotation marks; null if the server gave none.</param>
/// <param name="IsCreated">Whether it was made by this request (201).</param>
public sealed record XcapResource(
    bool IsUnchanged, ReadOnlyMemory<byte> Content, string? MediaType, string? ETag, bool IsCreated = false);

/// <summary>Under which condition a request is carried out (RFC 4825 §7.11). At most one of them is set.</summary>
public sealed record XcapPrecondition
{
    /// <summary>No condition.</summary>
    public static XcapPrecondition None { get; } = new();

    /// <summary>Only if there is nothing yet: for a PUT that must not replace.</summary>
    public static XcapPrecondition Absent { get; } = new() { IfNoneMatch = "*" };

    /// <summary>An entity tag with its quotation marks: only if the document has it.</summary>
    public string? IfMatch { get; init; }

    /// <summary>An entity tag with its quotation marks: only if the document has another; or <c>*</c>.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Only if the document has this entity tag; without condition for null.</summary>
    public static XcapPrecondition Unchanged(string? etag) => new() { IfMatch = etag };

    /// <summary>Only if the document has another entity tag; without condition for null.</summary>
    public static XcapPrecondition Changed(string? etag) => new() { IfNoneMatch = etag };
}
