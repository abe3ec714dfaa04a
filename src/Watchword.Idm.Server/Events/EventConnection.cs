using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Hosting;

namespace Watchword.Idm.Server.Events;

/// <summary>Where a receiver says that it is.</summary>
internal readonly record struct StreamPosition(long Epoch, long Sequence)
{
    public static bool TryParse(string text, out StreamPosition position)
    {
        position = default;
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !TryParse(text.AsSpan(0, dot), out long epoch) || !TryParse(text.AsSpan(dot + 1), out long sequence))
        {
            return false;
        }

        position = new StreamPosition(epoch, sequence);
        return true;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>The answer to a delivery: whether it was taken, where the receiver is if it says so, and its error code.</summary>
internal sealed record DeliveryAnswer(bool Taken, StreamPosition? Position, bool WantsRestart, int Status, string? Error);

/// <summary>The connection to one receiver: TLS 1.2 or 1.3, direct, no redirects, small answers (RFC 8935 §2, §4).</summary>
internal sealed class EventConnection : IDisposable
{
    private const int MaxAnswerSize = 16 * 1024;

    /// <summary>RFC 8935 §2.4; anything else that a receiver writes does not go into the log.</summary>
    private static readonly string[] Errors =
        ["invalid_request", "invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied"];

    private readonly EventReceiverOptions options;
    private readonly HttpClient client;

    [SuppressMessage("Security", "CA5398", Justification = "The TLS profile of TS 33.210 clause 6.2 names these two versions.")]
    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns the handler.")]
    public EventConnection(EventReceiverOptions options)
    {
        this.options = options;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = options.Timeout,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = TrustedRoots.FromFile(options.CaFile),
                ClientCertificates = LoadClientCertificate(options) is { } certificate ? [certificate] : null,
            },
        };
        client = new HttpClient(handler) { Timeout = options.Timeout, MaxResponseContentBufferSize = MaxAnswerSize };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>Posts one token.</summary>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">There was none in time, or the server stops.</exception>
    public async Task<DeliveryAnswer> SendAsync(string token, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(options.Endpoint));
        request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(token));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(SecurityEventNames.ContentType);
        if (!string.IsNullOrEmpty(options.BearerTokenFile))
        {
            string credential = (await File.ReadAllTextAsync(options.BearerTokenFile, cancellation)).Trim();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        }

        using HttpResponseMessage response = await client.SendAsync(request, cancellation);
        string? header = response.Headers.TryGetValues(SecurityEventNames.PositionHeader, out IEnumerable<string>? values)
            ? values.FirstOrDefault()
            : null;
        bool taken = response.StatusCode == HttpStatusCode.Accepted;
        return new DeliveryAnswer(
            taken,
            header is not null && StreamPosition.TryParse(header, out StreamPosition position) ? position : null,
            header == SecurityEventNames.Restart,
            (int)response.StatusCode,
            taken ? null : ErrorOf(await response.Content.ReadAsByteArrayAsync(cancellation)));
    }

    public void Dispose() => client.Dispose();

    private static string? ErrorOf(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body.AsMemory());
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("err", out JsonElement error) && error.ValueKind == JsonValueKind.String
                ? Errors.FirstOrDefault(error.ValueEquals)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static X509Certificate2? LoadClientCertificate(EventReceiverOptions options) => string.IsNullOrEmpty(options.ClientCertificateFile)
        ? null
        : X509Certificate2.CreateFromPemFile(options.ClientCertificateFile, options.ClientKeyFile);
}
