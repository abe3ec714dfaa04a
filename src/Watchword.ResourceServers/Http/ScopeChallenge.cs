namespace Watchword.ResourceServers.Http;

/// <summary>The header beside every refusal for scope (RFC 6750 §3, TS 33.180 B.10).</summary>
internal static class ScopeChallenge
{
    /// <summary>Names the scopes of which one would do.</summary>
    /// <param name="response">The refusal, whose body is not written yet.</param>
    /// <param name="scopes">Separated by spaces.</param>
    public static void Set(HttpResponse response, string scopes) =>
        response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scopes}\"";
}
