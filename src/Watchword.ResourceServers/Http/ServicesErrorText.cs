using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.Http;

/// <summary>
/// What a person is told of an error: cause, clause, next step. The page <c>docs/errors/services.md</c> has the same.
/// </summary>
/// <param name="Cause">What is wrong.</param>
/// <param name="Clause">Where it is written.</param>
/// <param name="NextStep">What to do.</param>
internal sealed record ServicesErrorText(string Cause, string Clause, string NextStep)
{
    private const string Annex = "TS 24.482 A.2.3";
    private const string Conflict = "RFC 4825 §11";
    private const string AskOperator = "tell the operator the correlation id";

    /// <summary>The HTTP status of an error.</summary>
    public static int StatusOf(ServicesError error) => (int)error / 100;

    public static ServicesErrorText Of(ServicesError error) => error switch
    {
        ServicesError.RequestMalformed =>
            new("the request is not well-formed or broke off", "RFC 9112 §2.2", "send it again, whole"),
        ServicesError.SenderUnknown => new(
            "there is neither an access token nor an asserted identity", Annex, "send an access token for this service"),
        ServicesError.AssertionNotTrusted => new(
            "X-3GPP-Asserted-Identity is not believed on this connection", Annex,
            "send an access token; a network entity uses the listener for network entities or the HTTP proxy"),
        ServicesError.AssertedIdentityMalformed => new(
            "X-3GPP-Asserted-Identity is not exactly one quoted SIP or tel URI", "TS 24.482 A.2.1.3",
            "send one line with one quoted URI"),
        ServicesError.AssertedIdentityNotAllowed => new(
            "the peer may not assert this identity", Annex, "have the operator add the URI to Services:AssertedIdentity:Peers"),
        ServicesError.SelectorMalformed => new(
            "the path is no XCAP document selector, or what follows ~~ no node selector", "RFC 4825 §6",
            "check the URL and its encoding"),
        ServicesError.ConditionMalformed => new(
            "If-Match or If-None-Match is no list of entity tags", "RFC 9110 §13.1", "send entity tags in quotation marks, or *"),
        ServicesError.InsufficientScope => new(
            "the token has no scope and identity for the service of this document", "TS 33.180 B.10",
            "log in for the scope that WWW-Authenticate names"),
        ServicesError.OtherUser => new(
            "the document is not in the directory of the token's user", "TS 24.484 6.3.1",
            "use the MC service ID of the token as XUI"),
        ServicesError.EntityNotAuthorised => new(
            "the network entity is not on the list of authorised servers", "TS 24.484 6.2.4.1",
            "have the operator add its URI to AuthorisedServers or Administrators"),
        ServicesError.WriteNotAllowed => new(
            "the sender may not write this document", "TS 24.484 6.3.1", "have an administrator write it"),
        ServicesError.OperationMalformed => new(
            "the body is no group management operation that is offered", "TS 24.481 6.3.16", "send get-excluding-memberlist"),
        ServicesError.NotOfTheGroup => new(
            "the sender is neither member nor administrator of the group", "TS 24.481 6.3.3",
            "have the owner of the group add it"),
        ServicesError.UnknownUsage => new(
            "no application usage of this server has a document there", "RFC 4825 §5.1",
            "fetch xcap-caps/global/index for what there is"),
        ServicesError.UnknownDocument => new("there is no such document", "RFC 4825 §8.2", "check the URL; PUT makes a document"),
        ServicesError.UnknownNode => new(
            "the node selector selects nothing, or several nodes", "RFC 4825 §6.3", "fetch the document and check the selector"),
        ServicesError.MethodNotAllowed =>
            new("the method is not offered here", "RFC 9110 §15.5.6", "use a method that Allow names"),
        >= ServicesError.NotWellFormed and <= ServicesError.NotUtf8 => Of(XcapConflicts.KindOf(error)),
        ServicesError.PreconditionFailed => new(
            "the document is not the one that If-Match or If-None-Match wants", "RFC 4825 §7.11",
            "fetch it again and repeat the change"),
        ServicesError.UnsupportedMediaType => new(
            "the media type is not that of the document or node", "RFC 4825 §8.2.1",
            "send the media type of the application usage"),
        ServicesError.TooManyRequests => new(
            "too many requests without a token", "RFC 6585 §4", "wait as long as Retry-After says"),
        ServicesError.UnknownResource => new("there is nothing under this path", "RFC 9110 §15.5.5", "check the URL"),
        ServicesError.BodyTooLarge => new("the body is too long", "RFC 9110 §15.5.14", "send less"),
        ServicesError.StoreUnavailable =>
            new("the database does not answer", "RFC 9110 §15.6.4", "try again later; " + AskOperator),
        ServicesError.KeysUnavailable => new(
            "the server has no keys of its own yet", "TS 33.180 5.3", "try again later; " + AskOperator),
        _ => new("a fault of the server", "RFC 9110 §15.6.1", AskOperator),
    };

    /// <summary>The same of an error element of XCAP.</summary>
    public static ServicesErrorText Of(XcapErrorKind kind) => kind switch
    {
        XcapErrorKind.NotWellFormed => new("the body is no well-formed XML, or has a document type", Conflict, "mend the XML"),
        XcapErrorKind.NotXmlFragment => new(
            "the body is not one element with its namespaces bound", Conflict, "send exactly one element"),
        XcapErrorKind.NoParent => new(
            "what the node should go into does not exist", Conflict,
            "make the parent first; ancestor names the closest that exists"),
        XcapErrorKind.SchemaValidationError => new(
            "the document would not hold its schema", Conflict, "mend what the phrase names"),
        XcapErrorKind.NotXmlAttributeValue => new("the body is no value of an attribute", Conflict, "escape < and &"),
        XcapErrorKind.CannotInsert => new(
            "what was sent would not be found under the same URL", Conflict,
            "let name, position and attribute agree with the URL"),
        XcapErrorKind.CannotDelete => new(
            "after the deletion the URL would select another element", Conflict,
            "select by attribute, or the last position first"),
        XcapErrorKind.UniquenessFailure => new(
            "a value that must be unique is taken or may not be chosen", Conflict, "use a value of alt-value, or another"),
        XcapErrorKind.NotUtf8 => new("the body is not UTF-8", Conflict, "encode it in UTF-8"),
        _ => new("a constraint of the application usage is not held", Conflict, "mend what the phrase names"),
    };
}
