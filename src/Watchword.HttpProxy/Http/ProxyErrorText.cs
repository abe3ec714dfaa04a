namespace Watchword.HttpProxy.Http;

/// <summary>What a person is told of an error: cause, clause, next step. The page <c>docs/errors/proxy.md</c> has the same.</summary>
/// <param name="Cause">What is wrong.</param>
/// <param name="Clause">Where it is written.</param>
/// <param name="NextStep">What to do.</param>
internal sealed record ProxyErrorText(string Cause, string Clause, string NextStep)
{
    private const string Annex = "TS 24.482 A.2.2";
    private const string Entity = "TS 24.482 A.2.1.3";
    private const string AskOperator = "tell the operator of the proxy the correlation id";

    /// <summary>The HTTP status of an error.</summary>
    public static int StatusOf(ProxyError error) => (int)error / 100;

    public static ProxyErrorText Of(ProxyError error) => error switch
    {
        ProxyError.FramingAmbiguous => new(
            "the request has both Transfer-Encoding and Content-Length", "RFC 9112 §6.1", "send one of them"),
        ProxyError.TargetMalformed => new(
            "the request target has dot segments, a fragment, a backslash, a control character or an authority that is no host",
            "RFC 9110 §4.2", "send the path in its shortest form"),
        ProxyError.ConnectionHeaderMalformed => new(
            "Connection names a header that is not the connection's", "RFC 9110 §7.6.1", "name only headers of the connection"),
        ProxyError.RequestMalformed => new(
            "the request is not well-formed or broke off", "RFC 9112 §2.2", "send it again, whole"),
        ProxyError.IdentityAssertedByUe => new(
            "a UE must not send X-3GPP-Asserted-Identity", Annex,
            "remove the header and send an access token; a network entity uses the listener for network entities"),
        ProxyError.AssertedIdentityMissing => new(
            "X-3GPP-Asserted-Identity is missing", Entity, "send it with the identity of the network entity"),
        ProxyError.AssertedIdentityMalformed => new(
            "X-3GPP-Asserted-Identity is not exactly one quoted SIP or tel URI", Entity, "send one line with one quoted URI"),
        ProxyError.AssertedIdentityNotAllowed => new(
            "the client certificate does not allow this identity", Annex,
            "have the operator add the URI to Proxy:AssertedIdentity:Peers"),
        ProxyError.PeerNotTrusted => new(
            "the client certificate is not, or no longer, accepted", "TS 33.180 6.1.2", "connect anew with a valid certificate"),
        ProxyError.HostNotServed => new(
            "the host is neither of this domain nor of a configured partner", Annex, "check the URL; " + AskOperator),
        ProxyError.IdmServerIsDirect => new(
            "the IdM server is not reached through the proxy", "TS 24.482 A.2.1.2", "connect to the IdM server directly"),
        ProxyError.PathNotServed => new("no server has this path", Annex, "check the URL; " + AskOperator),
        ProxyError.MethodRefused => new("the method is not forwarded", "RFC 9110 §9.1", "use a method of the server's interface"),
        ProxyError.BodyTooSlow => new("the body came too slowly", "RFC 9110 §15.5.9", "send it again over a better connection"),
        ProxyError.BodyTooLarge => new("the body is too long", "RFC 9110 §15.5.14", "send less, or have the operator raise the limit"),
        ProxyError.TooManyRequests => new("too many requests of this client", "RFC 6585 §4", "wait as Retry-After says"),
        ProxyError.DestinationUnreachable => new("the server behind the proxy cannot be reached", "RFC 9110 §15.6.3",
            "try again later; the operator looks at that server"),
        ProxyError.DestinationNotTrusted => new(
            "TLS with the server behind the proxy failed; nothing was sent to it", "TS 33.180 6.1",
            "the operator compares the certificates with Proxy:Servers or Proxy:Partners"),
        ProxyError.DestinationBroken => new("the server behind the proxy broke off", "RFC 9110 §15.6.3",
            "find out whether the request was carried out before it is repeated"),
        ProxyError.TooBusy => new("the proxy has as much to do as it may", "RFC 9110 §15.6.4", "wait as Retry-After says"),
        ProxyError.DestinationTimeout => new("the server behind the proxy did not answer in time", "RFC 9110 §15.6.5",
            "find out whether the request was carried out before it is repeated"),
        _ => new("a fault of the proxy", "RFC 9110 §15.6.1", AskOperator),
    };
}
