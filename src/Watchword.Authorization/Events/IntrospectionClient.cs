using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Watchword.Authorization.Keys;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization.Events;

/// <summary>
/// Asks an issuer whether a token is active (RFC 7662). An answer serves for some seconds; after a failure the issuer is left
/// alone for a while, so that its absence costs no request its time.
/// </summary>
internal sealed class IntrospectionClient : IDisposable
{
    private const int MaxCached = 10_000;

    private readonly ConcurrentDictionary<string, (bool Active, long At)> _cache = new(StringComparer.Ordinal);
    private readonly TrustedIssuerOptions _issuer;
    private readonly IntrospectionOptions _options;
    private readonly string _clientId;
    private readonly TimeSpan _retryDelay;
    private readonly TimeProvider _time;
    private readonly AuthorizationMetrics _metrics;
    private readonly ILogger _logger;
    private readonly HttpClient _client;
    private readonly X509Certificate2? _certificate;
    private readonly IntrospectionCredential? _credential;
    private long _failedAt = long.MinValue;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Disposed with this object.")]
    public IntrospectionClient(
        TrustedIssuerOptions issuer, IntrospectionOptions options, ResourceServerOptions server, TimeProvider time,
        AuthorizationMetrics metrics, ILogger logger)
    {
        _issuer = issuer;
        _options = options;
        _clientId = string.IsNullOrEmpty(options.ClientId) ? server.Audience : options.ClientId;
        _retryDelay = server.FetchRetryDelay;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        bool mutualTls = !string.IsNullOrEmpty(options.CertificateFile);
        _certificate = mutualTls ? X509Certificate2.CreateFromPemFile(options.CertificateFile!, options.KeyFile) : null;
        _credential = mutualTls ? null : new IntrospectionCredential(issuer.Issuer, _clientId, options, time);
        _client = Backchannel.Create(
            string.IsNullOrEmpty(issuer.CaFile) ? null : issuer.CaFile, server.FetchTimeout, _certificate);
    }

    /// <summary>True or false as the issuer says; null if it does not.</summary>
    public async ValueTask<bool?> IsActiveAsync(string token, CancellationToken cancellationToken)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (_cache.TryGetValue(digest, out (bool Active, long At) cached)
            && _time.GetElapsedTime(cached.At) < _options.CacheLifetime)
        {
            return cached.Active;
        }

        long failedAt = Interlocked.Read(ref _failedAt);
        if (failedAt != long.MinValue && _time.GetElapsedTime(failedAt) < _retryDelay)
        {
            return null;
        }

        // The answer is as old as its question.
        long asked = _time.GetTimestamp();
        bool? active = await AskAsync(token, cancellationToken);
        _metrics.Introspected(_issuer.Issuer, active switch { true => "active", false => "inactive", null => "failed" });
        if (active is not { } answer)
        {
            Interlocked.Exchange(ref _failedAt, asked);
            return null;
        }

        Interlocked.Exchange(ref _failedAt, long.MinValue);
        if (_cache.Count >= MaxCached)
        {
            _cache.Clear();
        }

        _cache[digest] = (answer, asked);
        return answer;
    }

    public void Dispose()
    {
        _client.Dispose();
        _credential?.Dispose();
        _certificate?.Dispose();
    }

    private async Task<bool?> AskAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            using FormUrlEncodedContent form = new(Form(token));
            using HttpResponseMessage response = await _client.PostAsync(new Uri(_options.Endpoint), form, cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode && StrictJson.TryParseObject(body, out JsonDocument? document, out _))
            {
                using (document)
                {
                    return document.RootElement.TryGetProperty("active", out JsonElement active)
                        && active.ValueKind is JsonValueKind.True or JsonValueKind.False
                        ? active.GetBoolean()
                        : Failed(null);
                }
            }

            return Failed(null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed(e);
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Form(string token)
    {
        yield return new("token", token);
        yield return new("token_type_hint", "access_token");
        yield return new("client_id", _clientId);
        if (_credential is not null)
        {
            yield return new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            yield return new("client_assertion", _credential.Assert());
        }
    }

    private bool? Failed(Exception? exception)
    {
        _logger.IntrospectionFailed(_issuer.Issuer, exception);
        return null;
    }
}
