using Microsoft.Extensions.Primitives;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Profiles;

/// <summary>
/// Recognises a client by what it sends. One strong mark is enough, of weak ones two are needed, of which one is the absent body;
/// where the marks of two clients meet, neither is recognised.
/// </summary>
internal static class ProfileEvidence
{
    /// <summary>What the HTTP client of a Java runtime of that time calls itself.</summary>
    private const string JavaAgent = "Java/1.";

    /// <summary>What our own client calls itself. It posts no body where none is needed, and is none of those below.</summary>
    private const string OwnAgent = "Watchword/";

    /// <summary>The client recognised; null for none.</summary>
    public static ClientProfileKind? Recognise(HttpRequest request, BodyMarks body, ProfileSettings settings)
    {
        string agent = request.Headers.UserAgent.ToString();
        if (agent.StartsWith(OwnAgent, StringComparison.Ordinal))
        {
            return null;
        }

        StringValues accept = request.Headers.Accept;
        bool isStreamwide = CallsItself(agent, settings.Streamwide)
            || body.NamesServerUrl
            || body.HasLocalTime
            || (body.IsEmpty && AnswerMediaType.IsOnlyApplicationXml(accept));
        bool isKapsch = CallsItself(agent, settings.Kapsch2018)
            || body.HasOtherNamespace
            || (body.IsEmpty
                && (AnswerMediaType.PrefersTextXml(accept) || agent.StartsWith(JavaAgent, StringComparison.Ordinal)));
        return (isStreamwide, isKapsch) switch
        {
            (true, false) => ClientProfileKind.Streamwide,
            (false, true) => ClientProfileKind.Kapsch2018,
            _ => null,
        };
    }

    private static bool CallsItself(string agent, ClientProfile profile) =>
        agent.Length > 0 && profile.UserAgents.Any(pattern => ProfileSettings.Fits(pattern, agent, ignoreCase: true));
}
