using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Watchword.Client;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Administration;

/// <summary>
/// The IdM server's admin API over TLS. A refusal becomes a <see cref="CliException"/> with the server's code and correlation id.
/// </summary>
internal sealed class AdministrationClient : IDisposable
{
    private const int MaxAnswerOctets = 8 << 20;
    private readonly string issuer;
    private readonly HttpClient http;

    /// <summary>Makes a client; <paramref name="token"/> is null only for the enrolment of the first administrator.</summary>
    public AdministrationClient(string issuer, TlsTrust trust, AccessToken? token)
    {
        this.issuer = issuer.TrimEnd('/');
        if (!Uri.TryCreate(this.issuer, UriKind.Absolute, out Uri? address) || address.Scheme != Uri.UriSchemeHttps)
        {
            throw new WatchwordClientException(ClientFault.UrlNotHttps, "IdM server");
        }

        http = new HttpClient(trust.CreateHandler(), disposeHandler: true)
        {
            Timeout = TimeSpan.FromSeconds(60),
            MaxResponseContentBufferSize = MaxAnswerOctets,
        };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/problem+json"));
        http.DefaultRequestHeaders.Authorization = token?.ToAuthorizationHeader();
    }

    /// <summary>Reads a resource.</summary>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, cancellationToken);

    /// <summary>Sends a body without secrets.</summary>
    public async Task<TResult> SendAsync<TBody, TResult>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TResult> type,
        CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(method, path, content, type, cancellationToken);
    }

    /// <summary>Sends any body and reads the answer.</summary>
    public async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] answer = await SendAsync(method, path, content, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(answer, type) ?? throw Unreadable(path, null);
        }
        catch (JsonException exception)
        {
            throw Unreadable(path, exception);
        }
    }

    /// <summary>Sends a request whose answer has no body that matters.</summary>
    public async Task<byte[]> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, new Uri(issuer + path)) { Content = content };
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? answer : throw Refusal(response, answer);
        }
        catch (HttpRequestException exception)
        {
            bool distrusted = exception.HttpRequestError == HttpRequestError.SecureConnectionError;
            throw new WatchwordClientException(
                distrusted ? ClientFault.TlsNotTrusted : ClientFault.ServerUnreachable, issuer, inner: exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WatchwordClientException(ClientFault.ServerUnreachable, issuer, inner: exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static CliException Refusal(HttpResponseMessage response, byte[] answer)
    {
        ProblemBody? problem = ReadProblem(answer);
        int status = (int)response.StatusCode;
        ExitCode code = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => ExitCode.NotLoggedIn,
            >= HttpStatusCode.InternalServerError => ExitCode.Unreachable,
            _ => ExitCode.Refused,
        };
        string rows = string.Concat(
            (problem?.Errors ?? []).Take(20).Select(row => $"; row {row.Row}: {row.Detail} ({row.Code})"));
        return new CliException(
            code, problem?.Title is { } title ? $"the IdM server refused: {Lower(title)}" : $"the IdM server answered {status}")
        {
            Cause = problem?.Detail is null && rows.Length == 0
                ? problem?.Code
                : $"{problem?.Detail}{(problem?.Code is { } id ? $" ({id})" : null)}{rows}",
            Hint = response.StatusCode switch
            {
                HttpStatusCode.Unauthorized => "log in again: watchword login --admin ...",
                HttpStatusCode.Forbidden => "log in as an administrator: watchword login --admin ...",
                HttpStatusCode.NotFound => "watchword user list, or watchword oidc-client list, shows what there is",
                _ => null,
            },
            CorrelationId = problem?.CorrelationId,
        };
    }

    private static ProblemBody? ReadProblem(byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, AdministrationJson.Default.ProblemBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Lower(string title) => (title.Length > 1 && char.IsUpper(title[0]) && char.IsLower(title[1])
        ? char.ToLowerInvariant(title[0]) + title[1..]
        : title).TrimEnd('.');

    private static CliException Unreadable(string path, Exception? inner) =>
        new(ExitCode.Malformed, "the answer of the IdM server cannot be read", inner) { Cause = path };
}
