namespace Watchword.ResourceServers.Http;

/// <summary>
/// Why a request over HTTP was refused, other than for its token (docs/errors/authorization.md). Numbers are stable; the first three
/// digits are the HTTP status. docs/errors/services.md has a paragraph for each.
/// </summary>
public enum ServicesError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The request broke off or is no HTTP.</summary>
    RequestMalformed = 40001,

    /// <summary>Neither an access token nor an asserted identity (TS 24.482 A.2.3).</summary>
    SenderUnknown = 40301,

    /// <summary><c>X-3GPP-Asserted-Identity</c> came over a connection that is not trusted with it.</summary>
    AssertionNotTrusted = 40302,

    /// <summary><c>X-3GPP-Asserted-Identity</c> is not exactly one identity.</summary>
    AssertedIdentityMalformed = 40303,

    /// <summary>The peer may not assert this identity.</summary>
    AssertedIdentityNotAllowed = 40304,

    /// <summary>There is nothing under this path.</summary>
    UnknownResource = 40401,

    /// <summary>The body is longer than is taken.</summary>
    BodyTooLarge = 41301,

    /// <summary>A fault of the server.</summary>
    InternalError = 50001,

    /// <summary>The database does not answer.</summary>
    StoreUnavailable = 50301,
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
