using Microsoft.AspNetCore.Http;

namespace Watchword.Hosting;

/// <summary>What the inner parts of a server say about a request, for its line in the log.</summary>
public sealed class RequestRecord
{
    /// <summary>The number or code of the error that was answered, if one was: of a closed list, never a client's
    /// words.</summary>
    public string? Error { get; set; }

    /// <summary>The record of a request; null where none is kept.</summary>
    public static RequestRecord? Of(HttpContext context) => context.Features.Get<RequestRecord>();
}
