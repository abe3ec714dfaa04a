namespace Watchword.ResourceServers.Http;

/// <summary>
/// Why a request over HTTP was refused, other than for its token (docs/errors/authorization.md). Numbers are stable; the first
/// three digits are the HTTP status. docs/errors/services.md has a paragraph for each.
/// </summary>
public enum ServicesError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The request broke off or is no HTTP.</summary>
    RequestMalformed = 40001,

    /// <summary>
    /// The path below the XCAP root is no document selector, or the node selector or its query is not of RFC 4825 §6.
    /// </summary>
    SelectorMalformed = 40002,

    /// <summary>A conditional header is no list of entity tags.</summary>
    ConditionMalformed = 40003,

    /// <summary>A group management operation cannot be read, or is none that is offered (TS 24.481 6.3.16).</summary>
    OperationMalformed = 40004,

    /// <summary>Neither an access token nor an asserted identity (TS 24.482 A.2.3).</summary>
    SenderUnknown = 40301,

    /// <summary><c>X-3GPP-Asserted-Identity</c> came over a connection that is not trusted with it.</summary>
    AssertionNotTrusted = 40302,

    /// <summary><c>X-3GPP-Asserted-Identity</c> is not exactly one identity.</summary>
    AssertedIdentityMalformed = 40303,

    /// <summary>The peer may not assert this identity.</summary>
    AssertedIdentityNotAllowed = 40304,

    /// <summary>The token has no scope of this server for the service of the document (TS 33.180 B.10).</summary>
    InsufficientScope = 40305,

    /// <summary>The document is another user's.</summary>
    OtherUser = 40306,

    /// <summary>The network entity is not on the list of those that may.</summary>
    EntityNotAuthorised = 40307,

    /// <summary>The sender may read this document, but not write it.</summary>
    WriteNotAllowed = 40308,

    /// <summary>The sender is no member of the group, nor its owner or one of its administrators (TS 24.481 6.3.3).</summary>
    NotOfTheGroup = 40309,

    /// <summary>There is nothing under this path.</summary>
    UnknownResource = 40401,

    /// <summary>There is no such application usage, or it has no document under that path.</summary>
    UnknownUsage = 40402,

    /// <summary>There is no such document.</summary>
    UnknownDocument = 40403,

    /// <summary>The node selector selects nothing, or more than one node (RFC 4825 §6.3).</summary>
    UnknownNode = 40404,

    /// <summary>The method is not offered there.</summary>
    MethodNotAllowed = 40501,

    /// <summary>409 <c>not-well-formed</c>.</summary>
    NotWellFormed = 40901,

    /// <summary>409 <c>not-xml-frag</c>.</summary>
    NotXmlFragment = 40902,

    /// <summary>409 <c>no-parent</c>.</summary>
    NoParent = 40903,

    /// <summary>409 <c>schema-validation-error</c>.</summary>
    SchemaValidationError = 40904,

    /// <summary>409 <c>not-xml-att-value</c>.</summary>
    NotXmlAttributeValue = 40905,

    /// <summary>409 <c>cannot-insert</c>.</summary>
    CannotInsert = 40906,

    /// <summary>409 <c>cannot-delete</c>.</summary>
    CannotDelete = 40907,

    /// <summary>409 <c>uniqueness-failure</c>.</summary>
    UniquenessFailure = 40908,

    /// <summary>409 <c>constraint-failure</c>.</summary>
    ConstraintFailure = 40909,

    /// <summary>409 <c>not-utf-8</c>.</summary>
    NotUtf8 = 40911,

    /// <summary>The document is not the one that If-Match or If-None-Match wants.</summary>
    PreconditionFailed = 41201,

    /// <summary>The body is longer than is taken.</summary>
    BodyTooLarge = 41301,

    /// <summary>The media type of the body is not the one of the document or node.</summary>
    UnsupportedMediaType = 41501,

    /// <summary>Too many requests without a token.</summary>
    TooManyRequests = 42901,

    /// <summary>A fault of the server.</summary>
    InternalError = 50001,

    /// <summary>The database does not answer.</summary>
    StoreUnavailable = 50301,

    /// <summary>The server has no keys of its own yet, so it cannot give out those of groups (TS 33.180 5.3).</summary>
    KeysUnavailable = 50302,
}

/// <summary>Ends a request with an error.</summary>
internal sealed class ServicesException : Exception
{
    public ServicesException(ServicesError error)
        : base(error.ToString()) => Error = error;

    public ServicesException()
    {
    }

    public ServicesException(string message)
        : base(message)
    {
    }

    public ServicesException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ServicesError Error { get; } = ServicesError.InternalError;
}
