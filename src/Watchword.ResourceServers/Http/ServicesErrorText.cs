namespace Watchword.ResourceServers.Http;

/// <summary>What a person is told of an error: cause, clause, next step. The page <c>docs/errors/services.md</c> has the same.</summary>
/// <param name="Cause">What is wrong.</param>
/// <param name="Clause">Where it is written.</param>
/// <param name="NextStep">What to do.</param>
internal sealed record ServicesErrorText(string Cause, string Clause, string NextStep)
{
    private const string Annex = "TS 24.482 A.2.3";
    private const string AskOperator = "tell the operator the correlation id";

    /// <summary>The HTTP status of an error.</summary>
    public static int StatusOf(ServicesError error) => (int)error / 100;

    public static ServicesErrorText Of(ServicesError error) => error switch
    {
        ServicesError.RequestMalformed => new("the request is not well-formed or broke off", "RFC 9112 §2.2", "send it again, whole"),
        ServicesError.SenderUnknown => new(
            "there is neither an access token nor an asserted identity", Annex, "send an access token for this service"),
        ServicesError.AssertionNotTrusted => new(
            "X-3GPP-Asserted-Identity is not believed on this connection", Annex,
            "send an access token; a network entity uses the listener for network entities or the HTTP proxy"),
        ServicesError.AssertedIdentityMalformed => new(
            "X-3GPP-Asserted-Identity is not exactly one quoted SIP or tel URI", "TS 24.482 A.2.1.3", "send one line with one quoted URI"),
        ServicesError.AssertedIdentityNotAllowed => new(
            "the peer may not assert this identity", Annex, "have the operator add the URI to Services:AssertedIdentity:Peers"),
        ServicesError.UnknownResource => new("there is nothing under this path", "RFC 9110 §15.5.5", "check the URL"),
        ServicesError.BodyTooLarge => new("the body is too long", "RFC 9110 §15.5.14", "send less"),
        ServicesError.StoreUnavailable => new("the database does not answer", "RFC 9110 §15.6.4", "try again later; " + AskOperator),
        _ => new("a fault of the server", "RFC 9110 §15.6.1", AskOperator),
    };
}
