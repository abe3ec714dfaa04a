using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Profiles;

/// <summary>The media types of Annex D documents, and what <c>Accept</c> says about them (RFC 9110 §12.5.1).</summary>
internal static class AnswerMediaType
{
    private const string ApplicationXml = "application/xml";
    private const string TextXml = "text/xml";

    /// <summary>application/xml, or text/xml if the client likes it better: one deployed client takes nothing else.</summary>
    public static string Negotiate(StringValues accept) => PrefersTextXml(accept) ? TextXml : ApplicationXml;

    /// <summary>The media type of an answer.</summary>
    public static string Of(AnswerMedia media, StringValues accept) => media switch
    {
        AnswerMedia.ApplicationXml => ApplicationXml,
        AnswerMedia.TextXml => TextXml,
        _ => Negotiate(accept),
    };

    /// <summary>True if text/xml is named, and liked better than application/xml.</summary>
    public static bool PrefersTextXml(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out IList<MediaTypeHeaderValue>? types))
        {
            return false;
        }

        double Quality(string mediaType) => types
            .Where(type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase))
            .Select(type => type.Quality ?? 1)
            .DefaultIfEmpty(0)
            .Max();
        return Quality(TextXml) > Quality(ApplicationXml);
    }

    /// <summary>True if application/xml is all that is asked for.</summary>
    public static bool IsOnlyApplicationXml(StringValues accept) =>
        MediaTypeHeaderValue.TryParseList(accept, out IList<MediaTypeHeaderValue>? types)
        && types.All(type => type.MediaType.Equals(ApplicationXml, StringComparison.OrdinalIgnoreCase));
}
