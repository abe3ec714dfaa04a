using Watchword.McServices.Configuration;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Xcap;

/// <summary>What is done with a document.</summary>
internal enum XcapOperation
{
    Read = 0,
    Write = 1,
    Delete = 2,
}

/// <summary>What a request is about.</summary>
/// <param name="Usage">The application usage.</param>
/// <param name="Document">The document, as the request named it.</param>
/// <param name="Node">The node; null for the document.</param>
internal sealed record XcapTarget(ApplicationUsage Usage, DocumentSelector Document, NodeSelector? Node = null);

/// <summary>Who wants to do what with which document.</summary>
/// <param name="Sender">Who; null where it needs nobody.</param>
/// <param name="Operation">What.</param>
/// <param name="Target">With which document.</param>
/// <param name="Host">The host that the request was sent to, without port.</param>
internal sealed record XcapAct(Sender? Sender, XcapOperation Operation, XcapTarget Target, string Host)
{
    /// <summary>The type's name: identities stay out of logs.</summary>
    public override string ToString() => nameof(XcapAct);
}

/// <summary>Where a document is kept.</summary>
/// <param name="Auid">Application unique identifier.</param>
/// <param name="Xui">The user; empty for the global tree.</param>
/// <param name="Name">The path below, its segments joined by a slash.</param>
internal readonly record struct DocumentKey(string Auid, string Xui, string Name)
{
    /// <summary>The key of a document whose place is the one that a usage gives it; null if the usage has none there.</summary>
    public static DocumentKey? Of(ApplicationUsage usage, DocumentSelector document) =>
        usage.NormalizePath(document.Tree, document.Path) is { } path
            ? new DocumentKey(usage.Auid, document.Xui ?? string.Empty, string.Join('/', path))
            : null;

    /// <summary>The type's name: identities stay out of logs.</summary>
    public override string ToString() => nameof(DocumentKey);
}
