using System.Net;
using System.Net.Http.Headers;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>An answer of a KMS that is no error.</summary>
internal sealed record KmsAnswer(KmsResponse Response, string? CorrelationId);

/// <summary>
/// One POST of TS 33.180 D.2 with its answer. Repeats it only when the network failed or the KMS said that it is busy (429, 503), never
/// at another status: a KMS that failed once is not asked ten times more.
/// </summary>
internal sealed class KmsExchange(HttpClient http, KmClientOptions options, TimeProvider time)
{
    private const int MaxKmsWords = 200;

    /// <exception cref="WatchwordClientException">Faults of block 52xx and of the transport.</exception>
    public async Task<KmsAnswer> PostAsync(Uri url, AccessToken token, KmsRequest? body, int attempts, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            (KmsAnswer? answer, WatchwordClientException? fault, TimeSpan? wait) = await TryPostAsync(url, token, body, attempt, cancellation);
            if (answer is not null)
            {
                return answer;
            }

            if (wait is null || attempt >= attempts)
            {
                throw fault!;
            }

            await Task.Delay(wait.Value, time, cancellation);
        }
    }

    private async Task<(KmsAnswer? Answer, WatchwordClientException? Fault, TimeSpan? Wait)> TryPostAsync(
        Uri url, AccessToken token, KmsRequest? body, int attempt, CancellationToken cancellation)
    {
        try
        {
            using HttpRequestMessage request = Request(url, token, body);
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return (await ReadAnswerAsync(response, cancellation), null, null);
            }

            WatchwordClientException refusal = await ReadRefusalAsync(response, cancellation);
            bool busy = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            return (null, refusal, busy ? BackOff.After(attempt, response.Headers.RetryAfter, options, time) : null);
        }
        catch (Exception e) when (HttpFaults.IsTransport(e, cancellation))
        {
            WatchwordClientException fault = HttpFaults.Map(e, url);
            // A certificate that is not trusted now will not be in a second.
            return (null, fault, fault.Fault == ClientFault.ServerUnreachable ? BackOff.After(attempt, null, options, time) : null);
        }
    }

    private static HttpRequestMessage Request(Uri url, AccessToken token, KmsRequest? body)
    {
        HttpRequestMessage request = new(HttpMethod.Post, url);
        request.Headers.Authorization = token.ToAuthorizationHeader();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/xml"));
        using MemoryStream stream = new();
        body?.WriteTo(stream);
        request.Content = new ByteArrayContent(stream.ToArray());
        if (body is not null)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/xml", "utf-8");
        }

        return request;
    }

    private async Task<KmsAnswer> ReadAnswerAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string? correlationId = HttpFaults.CorrelationId(response);
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
            KmsResponse parsed = await KmsResponse.ParseAsync(stream, ReadOptions, cancellation);
            if (parsed.Error is { } error)
            {
                parsed.Dispose();
                throw Refusal(ClientFault.KmsRefused, (int)response.StatusCode, error, correlationId);
            }

            return new KmsAnswer(parsed, correlationId);
        }
        catch (KeyManagementFormatException e)
        {
            ClientFault fault = e.Fault == KeyManagementFormatFault.TooLarge ? ClientFault.AnswerTooLarge : ClientFault.KmsAnswerMalformed;
            throw new WatchwordClientException(fault, $"{e.ElementPath}: {e.Fault}", correlationId, e);
        }
    }

    private async Task<WatchwordClientException> ReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        int status = (int)response.StatusCode;
        ClientFault fault = status switch
        {
            401 => ClientFault.KmsUnauthorized,
            403 => ClientFault.KmsForbidden,
            429 or 503 => ClientFault.KmsBusy,
            >= 500 => ClientFault.KmsFailed,
            _ when HttpFaults.IsRedirect(response) => ClientFault.RedirectRefused,
            _ => ClientFault.KmsRefused,
        };
        KmsErrorBody? error = null;
        if (response.Content.Headers.ContentType?.MediaType is "application/xml" or "text/xml")
        {
            try
            {
                await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
                using KmsResponse parsed = await KmsResponse.ParseAsync(stream, ReadOptions, cancellation);
                error = parsed.Error;
            }
            catch (KeyManagementFormatException)
            {
                // The status says enough: an error page that is no KmsError is no second error.
            }
        }

        return Refusal(fault, status, error, HttpFaults.CorrelationId(response), BackOff.Asked(response.Headers.RetryAfter, time));
    }

    private AnnexDReadOptions ReadOptions => AnnexDReadOptions.Response with { MaxOctets = options.MaxAnswerOctets, Lenient = options.Lenient };

    private static WatchwordClientException Refusal(ClientFault fault, int status, KmsErrorBody? error, string? correlationId, TimeSpan? retryAfter = null) =>
        new(fault, error is null ? $"status {status}" : $"status {status}, KmsError {error.ErrorCode}: {Printable(error.ErrorMsg)}", correlationId)
        {
            HttpStatus = status,
            KmsErrorCode = error?.ErrorCode,
            RetryAfter = retryAfter,
        };

    private static string Printable(string words)
    {
        string cut = words.Length <= MaxKmsWords ? words : words[..MaxKmsWords];
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
    }
}
