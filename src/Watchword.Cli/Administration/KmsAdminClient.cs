using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Watchword.Client;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Administration;

/// <summary>
/// The admin API of the KMS over TLS. A refusal becomes a <see cref="CliException"/> with the number of the KmsError and the
/// correlation id.
/// </summary>
internal sealed class KmsAdminClient : IDisposable
{
    private const int MaxAnswerOctets = 8 << 20;
    private readonly string address;
    private readonly HttpClient http;

    public KmsAdminClient(string address, TlsTrust trust, AccessToken token)
    {
        this.address = address.TrimEnd('/');
        if (!Uri.TryCreate(this.address, UriKind.Absolute, out Uri? url) || url.Scheme != Uri.UriSchemeHttps)
        {
            throw new WatchwordClientException(ClientFault.UrlNotHttps, "admin API of the KMS");
        }

        http = new HttpClient(trust.CreateHandler(), disposeHandler: true)
        {
            Timeout = TimeSpan.FromMinutes(10),
            MaxResponseContentBufferSize = MaxAnswerOctets,
        };
        http.DefaultRequestHeaders.Authorization = token.ToAuthorizationHeader();
    }

    /// <summary>Reads a resource.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Get, path, null, cancellationToken), path, type);

    /// <summary>Asks with a body.</summary>
    public async Task<TResult> PostAsync<TBody, TResult>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TResult> type, CancellationToken cancellationToken) =>
        Read(await PostAsync(path, body, bodyType, cancellationToken), path, type);

    /// <summary>Asks with a body, for an answer that is no JSON of ours, or a secret; the caller wipes it.</summary>
    public async Task<byte[]> PostAsync<TBody>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(HttpMethod.Post, path, content, cancellationToken);
    }

    /// <summary>Asks for an answer of any length, which goes into a stream as it comes.</summary>
    /// <returns>The trailing headers, which say how it ended.</returns>
    public async Task<HttpResponseHeaders> DownloadAsync(
        HttpMethod method, string path, Stream destination, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, new Uri(address + path));
        using HttpResponseMessage response = await GuardAsync(
            () => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken), cancellationToken);
        await RequireSuccessAsync(response, cancellationToken);
        await GuardAsync(
            async () =>
            {
                await response.Content.CopyToAsync(destination, cancellationToken);
                return true;
            },
            cancellationToken);
        return response.TrailingHeaders;
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<byte[]> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, new Uri(address + path)) { Content = content };
        using HttpResponseMessage response = await GuardAsync(
            () => http.SendAsync(request, cancellationToken), cancellationToken);
        await RequireSuccessAsync(response, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes what the call gives.")]
    private async Task<T> GuardAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (HttpRequestException exception)
        {
            bool distrusted = exception.HttpRequestError == HttpRequestError.SecureConnectionError;
            throw new WatchwordClientException(
                distrusted ? ClientFault.TlsNotTrusted : ClientFault.ServerUnreachable, address, inner: exception);
        }
        catch (Exception exception) when (
            exception is HttpIOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new WatchwordClientException(ClientFault.ServerUnreachable, address, inner: exception);
        }
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        KmsProblem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(answer, KmsAdminJson.Default.KmsProblem);
        }
        catch (JsonException)
        {
            // Not an answer of this interface: the status says what there is to say.
        }

        ExitCode code = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => ExitCode.NotLoggedIn,
            HttpStatusCode.NotFound => ExitCode.NotFound,
            HttpStatusCode.BadRequest => ExitCode.Usage,
            >= HttpStatusCode.InternalServerError => ExitCode.Unreachable,
            _ => ExitCode.Refused,
        };
        throw new CliException(
            code,
            problem?.Title is { } title ? $"the KMS refused: {title}" : $"the KMS answered {(int)response.StatusCode}")
        {
            Number = problem?.Code,
            Cause = problem?.Detail,
            Hint = response.StatusCode == HttpStatusCode.Unauthorized ? "log in again: watchword login --kms-role ROLE" : null,
            CorrelationId = problem?.CorrelationId,
        };
    }

    private static T Read<T>(byte[] answer, string path, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, type)
                ?? throw new CliException(ExitCode.Malformed, "the answer of the KMS cannot be read") { Cause = path };
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Malformed, "the answer of the KMS cannot be read", exception) { Cause = path };
        }
    }
}
