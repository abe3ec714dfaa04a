using System.Net;
using System.Net.Http.Headers;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>An answer of a KMS that is no error.</summary>
internal sealed record KmsAnswer(KmsResponse Response, bool IsSigned, DateTimeOffset SentAt, string? CorrelationId);

/// <summary>
/// One POST of TS 33.180 D.2 with its answer. Repeats it only when the network failed or the KMS said that it is busy (429, 503),
/// never
/// at another status: a KMS that failed once is not asked ten times more.
/// </summary>
internal sealed class KmsExchange(HttpClient http, KmClientOptions options, TimeProvider time)
{
    private const int MaxKmsWords = 200;
    private readonly KmsAnswerReader _reader = new(options);

    /// <summary>Posts.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="token">The access token.</param>
    /// <param name="body">Makes the body of an attempt; no octets for no body.</param>
    /// <param name="ring">The client's transport keys; null if it has none.</param>
    /// <param name="attempts">How often at most.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="WatchwordClientException">Faults of block 52xx and of the transport.</exception>
    public async Task<KmsAnswer> PostAsync(
        Uri url, AccessToken token, Func<byte[]> body, TransportKeyRing? ring, int attempts, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            using HttpRequestMessage request = Request(url, token, body());
            (KmsAnswer? answer, WatchwordClientException? fault, TimeSpan? wait) = await TryPostAsync(request, ring, attempt, cancellation);
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
        HttpRequestMessage request, TransportKeyRing? ring, int attempt, CancellationToken cancellation)
    {
        DateTimeOffset sentAt = time.GetUtcNow();
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return (await ReadAnswerAsync(response, ring, sentAt, cancellation), null, null);
            }

            WatchwordClientException refusal = await ReadRefusalAsync(response, ring, cancellation);
            bool busy = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            return (null, refusal, busy ? BackOff.After(attempt, response.Headers.RetryAfter, options, time) : null);
        }
        catch (Exception e) when (HttpFaults.IsTransport(e, cancellation))
        {
            WatchwordClientException fault = HttpFaults.Map(e, request.RequestUri!);
            // A certificate that is not trusted now will not be in a second.
            return (null, fault, fault.Fault == ClientFault.ServerUnreachable ? BackOff.After(attempt, null, options, time) : null);
        }
    }

    private static HttpRequestMessage Request(Uri url, AccessToken token, byte[] body)
    {
        HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Headers.Authorization = token.ToAuthorizationHeader();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/xml"));
        if (body.Length > 0)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/xml", "utf-8");
        }

        return request;
    }

    private async Task<KmsAnswer> ReadAnswerAsync(
        HttpResponseMessage response, TransportKeyRing? ring, DateTimeOffset sentAt, CancellationToken cancellation)
    {
        string? correlationId = HttpFaults.CorrelationId(response);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        (KmsResponse parsed, bool isSigned) = await _reader.ReadAsync(stream, ring, correlationId, cancellation);
        if (parsed.Error is { } error)
        {
            parsed.Dispose();
            throw Refusal(ClientFault.KmsRefused, (int)response.StatusCode, error, ring is not null && !isSigned, correlationId);
        }

        if (ring is null || isSigned)
        {
            return new KmsAnswer(parsed, isSigned, sentAt, correlationId);
        }

        parsed.Dispose();
        throw new WatchwordClientException(ClientFault.AnswerNotSigned, null, correlationId);
    }

    private async Task<WatchwordClientException> ReadRefusalAsync(HttpResponseMessage response, TransportKeyRing? ring, CancellationToken cancellation)
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
        bool isSigned = false;
        if (response.Content.Headers.ContentType?.MediaType is "application/xml" or "text/xml")
        {
            try
            {
                await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
                (KmsResponse parsed, isSigned) = await _reader.ReadAsync(stream, ring, null, cancellation);
                using (parsed)
                {
                    error = parsed.Error;
                }
            }
            catch (WatchwordClientException)
            {
                // The status says enough: an error page that is no KmsError, or one that somebody else signed, is no second error.
            }
        }

        // Whoever is between client and KMS can refuse: the words of an unsigned refusal are told as what they are.
        return Refusal(
            fault, status, error, ring is not null && !isSigned, HttpFaults.CorrelationId(response), BackOff.Asked(response.Headers.RetryAfter, time));
    }

    private static WatchwordClientException Refusal(
        ClientFault fault, int status, KmsErrorBody? error, bool lacksSignature, string? correlationId, TimeSpan? retryAfter = null)
    {
        string words = error is null ? $"status {status}" : $"status {status}, KmsError {error.ErrorCode}: {Printable(error.ErrorMsg)}";
        return new WatchwordClientException(fault, lacksSignature ? words + " (not signed)" : words, correlationId)
        {
            HttpStatus = status,
            KmsErrorCode = error?.ErrorCode,
            RetryAfter = retryAfter,
            IsSigned = error is not null && !lacksSignature,
        };
    }

    private static string Printable(string words)
    {
        string cut = words.Length <= MaxKmsWords ? words : words[..MaxKmsWords];
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
    }
}
