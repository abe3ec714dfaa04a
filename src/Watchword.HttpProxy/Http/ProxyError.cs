namespace Watchword.HttpProxy.Http;

/// <summary>Why the proxy itself refused a request. Numbers are stable; the first three digits are the HTTP status.</summary>
public enum ProxyError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Where the body ends can be understood in two ways.</summary>
    FramingAmbiguous = 40001,

    /// <summary>The request target cannot be forwarded octet by octet.</summary>
    TargetMalformed = 40002,

    /// <summary><c>Connection</c> names a header that is not the connection's.</summary>
    ConnectionHeaderMalformed = 40003,

    /// <summary>The request broke off or is no HTTP.</summary>
    RequestMalformed = 40004,

    /// <summary>A UE asserts an identity.</summary>
    IdentityAssertedByUe = 40301,

    /// <summary>A network entity asserts no identity.</summary>
    AssertedIdentityMissing = 40302,

    /// <summary>What a network entity asserts is not exactly one identity.</summary>
    AssertedIdentityMalformed = 40303,

    /// <summary>A network entity asserts an identity that its certificate does not allow.</summary>
    AssertedIdentityNotAllowed = 40304,

    /// <summary>The peer's certificate is not, or no longer, one of those configured.</summary>
    PeerNotTrusted = 40305,

    /// <summary>Neither an own URL nor one of a partner.</summary>
    HostNotServed = 40306,

    /// <summary>The IdM server is not reached through the proxy.</summary>
    IdmServerIsDirect = 40307,

    /// <summary>No server for this path.</summary>
    PathNotServed = 40401,

    /// <summary>A method that no server behind the proxy has.</summary>
    MethodRefused = 40501,

    /// <summary>The body came too slowly.</summary>
    BodyTooSlow = 40801,

    /// <summary>The body is too long.</summary>
    BodyTooLarge = 41301,

    /// <summary>Too many requests of one client.</summary>
    TooManyRequests = 42901,

    /// <summary>A fault of the proxy.</summary>
    InternalError = 50001,

    /// <summary>No connection to the server.</summary>
    DestinationUnreachable = 50201,

    /// <summary>The server's certificate is not the expected one, or it refused the proxy's.</summary>
    DestinationNotTrusted = 50202,

    /// <summary>The connection to the server broke, or its answer was no HTTP.</summary>
    DestinationBroken = 50203,

    /// <summary>As many requests as are allowed are in work.</summary>
    TooBusy = 50301,

    /// <summary>The server did not answer in time.</summary>
    DestinationTimeout = 50401,
}

/// <summary>Ends a request with an error of the closed list.</summary>
internal sealed class ProxyException(ProxyError error, Exception? inner = null) : Exception(error.ToString(), inner)
{
    public ProxyError Error => error;
}
