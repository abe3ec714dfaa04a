using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Xcap;

/// <summary>What becomes of an XCAP request, without HTTP.</summary>
internal sealed record XcapAnswer
{
    /// <summary>The status, where there is no error.</summary>
    public int Status { get; private init; }

    /// <summary>The refusal; <see cref="ServicesError.None"/> for none.</summary>
    public ServicesError Error { get; private init; }

    /// <summary>With a 409, what stands in its body.</summary>
    public XcapError? Conflict { get; private init; }

    /// <summary>Entity tag of the document, without quotation marks.</summary>
    public string? ETag { get; private init; }

    public string? MediaType { get; private init; }

    public ReadOnlyMemory<byte> Body { get; private init; }

    public static XcapAnswer Content(string etag, string mediaType, ReadOnlyMemory<byte> body) =>
        new() { Status = StatusCodes.Status200OK, ETag = etag, MediaType = mediaType, Body = body };

    public static XcapAnswer NotModified(string etag) => new() { Status = StatusCodes.Status304NotModified, ETag = etag };

    /// <summary>A document or node was stored.</summary>
    public static XcapAnswer Stored(string etag, bool isNew) =>
        new() { Status = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, ETag = etag };

    /// <summary>A node was deleted, and the document has this entity tag now; or the document itself, and it has none.</summary>
    public static XcapAnswer Deleted(string? etag) => new() { Status = StatusCodes.Status200OK, ETag = etag };

    public static XcapAnswer Refuse(ServicesError error) => new() { Error = error };

    public static XcapAnswer Refuse(XcapError conflict) =>
        new() { Error = XcapConflicts.NumberOf(conflict.Kind), Conflict = conflict };
}
