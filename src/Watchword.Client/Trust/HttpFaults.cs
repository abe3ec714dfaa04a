using System.Security.Authentication;

namespace Watchword.Client;

/// <summary>Turns what HTTP throws into the closed set, and reads what servers say about themselves.</summary>
internal static class HttpFaults
{
    private const int MaxCorrelationIdLength = 128;
    private static readonly string[] CorrelationHeaders = ["X-Correlation-Id", "Correlation-Id", "X-Request-Id", "Request-Id"];

    /// <summary>True for the exceptions that <see cref="Map"/> knows.</summary>
    public static bool IsTransport(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <summary>The fault of a request that got no usable answer.</summary>
    public static WatchwordClientException Map(Exception e, Uri url)
    {
        string where = url.GetLeftPart(UriPartial.Authority);
        return e switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                new WatchwordClientException(ClientFault.TlsNotTrusted, where, inner: e),
            { InnerException: AuthenticationException } => new WatchwordClientException(ClientFault.TlsNotTrusted, where, inner: e),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
                new WatchwordClientException(ClientFault.AnswerTooLarge, where, inner: e),
            _ => new WatchwordClientException(ClientFault.ServerUnreachable, where, inner: e),
        };
    }

    /// <summary>The identifier under which the server logged the request; null if it gave none that is safe to print.</summary>
    public static string? CorrelationId(HttpResponseMessage? response)
    {
        foreach (string header in CorrelationHeaders)
        {
            if (response is not null && response.Headers.TryGetValues(header, out IEnumerable<string>? values)
                && values.FirstOrDefault() is { Length: > 0 and <= MaxCorrelationIdLength } value
                && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '|'))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>True for a status that asks the client to go elsewhere.</summary>
    public static bool IsRedirect(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;
}
