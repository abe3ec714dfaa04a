using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Xcap;

/// <summary>The conditional headers of a request (RFC 4825 §7.11, RFC 9110 §13.1).</summary>
internal sealed class XcapConditions
{
    private readonly IList<EntityTagHeaderValue>? _match;
    private readonly IList<EntityTagHeaderValue>? _noneMatch;

    private XcapConditions(IList<EntityTagHeaderValue>? match, IList<EntityTagHeaderValue>? noneMatch)
    {
        _match = match;
        _noneMatch = noneMatch;
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="ServicesException"><see cref="ServicesError.ConditionMalformed"/>.</exception>
    public static XcapConditions Read(IHeaderDictionary headers) => new(Read(headers.IfMatch), Read(headers.IfNoneMatch));

    /// <summary>Whether a change may be made to a document with this entity tag; null for none.</summary>
    public bool AllowChange(string? current) => AllowRead(current) && !IsUnchanged(current);

    /// <summary>Whether If-None-Match names the document: a reader has it already. Its comparison is weak (RFC 9110 §13.1.2).</summary>
    public bool IsUnchanged(string? current) => _noneMatch is not null && Holds(_noneMatch, current, strong: false);

    /// <summary>Whether If-Match lets a document be read. Its comparison is strong (RFC 9110 §13.1.1).</summary>
    public bool AllowRead(string? current) => _match is null || Holds(_match, current, strong: true);

    private static IList<EntityTagHeaderValue>? Read(StringValues values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        return EntityTagHeaderValue.TryParseStrictList(values.OfType<string>().ToArray(), out IList<EntityTagHeaderValue>? tags)
            && tags.Count > 0
            ? tags
            : throw new ServicesException(ServicesError.ConditionMalformed);
    }

    private static bool Holds(IList<EntityTagHeaderValue> tags, string? current, bool strong) => current is not null
        && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any)
            || (!(strong && tag.IsWeak) && tag.Tag.Equals($"\"{current}\"", StringComparison.Ordinal)));
}
