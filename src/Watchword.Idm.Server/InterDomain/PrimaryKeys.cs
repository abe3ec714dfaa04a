using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Hosting;
using Watchword.Idm.Server.Keys;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>
/// The public keys of one primary IdM server: from a file that is read again when it changes, or fetched, and fetched again when
/// they are old or a token names a key that is not among them.
/// </summary>
internal sealed class PrimaryKeys : IDisposable
{
    private const int MaxAnswerSize = 256 * 1024;
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MaximumAge = TimeSpan.FromHours(24);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly PrimaryServerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly HttpClient? client;
    private readonly SemaphoreSlim gate = new(1);
    private volatile Snapshot? known;
    private DateTimeOffset tried = DateTimeOffset.MinValue;
    private bool failed;

    public PrimaryKeys(PrimaryServerOptions options, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        client = string.IsNullOrEmpty(options.JwksFile) ? CreateClient(options) : null;
    }

    private sealed record Snapshot(IReadOnlyList<JsonWebKey> Keys, DateTimeOffset ReadAt, DateTime FileTime);

    /// <summary>
    /// The key that a token names; where it names none, the only one there is. Null if there is no such key.
    /// </summary>
    /// <exception cref="PrimaryKeysException">There are no keys that could be believed.</exception>
    public async Task<JsonWebKey?> FindAsync(string? kid, CancellationToken cancellation)
    {
        Snapshot current = await CurrentAsync(wantsNewer: false, cancellation);
        if (Find(current, kid) is { } key)
        {
            return key;
        }

        return Find(await CurrentAsync(wantsNewer: true, cancellation), kid);
    }

    public void Dispose()
    {
        client?.Dispose();
        gate.Dispose();
    }

    private static JsonWebKey? Find(Snapshot snapshot, string? kid)
    {
        JsonWebKey[] found = string.IsNullOrEmpty(kid)
            ? [.. snapshot.Keys]
            : [.. snapshot.Keys.Where(key => key.Kid == kid)];
        return found.Length == 1 ? found[0] : null;
    }

    private async Task<Snapshot> CurrentAsync(bool wantsNewer, CancellationToken cancellation)
    {
        if (known is { } snapshot && !IsDue(snapshot, wantsNewer))
        {
            return snapshot;
        }

        await gate.WaitAsync(cancellation);
        try
        {
            if (known is { } meanwhile && !IsDue(meanwhile, wantsNewer))
            {
                return meanwhile;
            }

            return await ReadAsync(cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    private bool IsDue(Snapshot snapshot, bool wantsNewer)
    {
        if (client is null)
        {
            return File.GetLastWriteTimeUtc(options.JwksFile!) != snapshot.FileTime;
        }

        TimeSpan age = time.GetUtcNow() - snapshot.ReadAt;
        TimeSpan sinceTry = time.GetUtcNow() - tried;
        return (age >= RefreshInterval || wantsNewer) && sinceTry >= (failed ? RetryDelay : LeastInterval);
    }

    private async Task<Snapshot> ReadAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (client is not null && known is null && failed && now - tried < RetryDelay)
        {
            throw new PrimaryKeysException();
        }

        tried = now;
        string cause;
        try
        {
            DateTime fileTime = client is null ? File.GetLastWriteTimeUtc(options.JwksFile!) : default;
            string json = client is null
                ? await File.ReadAllTextAsync(options.JwksFile!, cancellation)
                : await GetAsync(await FindAddressAsync(cancellation), cancellation);
            if (PublicKeySet.TryParse(json, out JsonWebKeySet? set, out _))
            {
                failed = false;
                return known = new Snapshot([.. set!.Keys.Where(key => key.Use is null or "" or "sig")], now, fileTime);
            }

            cause = "no usable JWK set";
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or UnauthorizedAccessException or JsonException
            or PrimaryKeysException or CryptographicException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            cause = fault.GetType().Name;
        }

        failed = true;
        Log.PrimaryKeysUnavailable(logger, options.Issuer, cause);
        // What was fetched is believed for a day; a file that cannot be read any more is not what the operator meant.
        return client is not null && known is { } old && now - old.ReadAt < MaximumAge ? old : throw new PrimaryKeysException();
    }

    private async Task<string> FindAddressAsync(CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(options.MetadataAddress))
        {
            return options.JwksUri!;
        }

        using JsonDocument metadata = JsonDocument.Parse(await GetAsync(options.MetadataAddress, cancellation));
        JsonElement root = metadata.RootElement;
        return root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("issuer", out JsonElement issuer) && issuer.ValueKind == JsonValueKind.String && issuer.ValueEquals(options.Issuer)
            && root.TryGetProperty("jwks_uri", out JsonElement address) && address.ValueKind == JsonValueKind.String
            && Uri.TryCreate(address.GetString(), UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps
            ? uri.AbsoluteUri
            : throw new PrimaryKeysException();
    }

    private async Task<string> GetAsync(string address, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await client!.GetAsync(new Uri(address), cancellation);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(cancellation);
    }

    [SuppressMessage("Security", "CA5398", Justification = "The TLS profile of TS 33.210 clause 6.2 names these two versions.")]
    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns the handler.")]
    private static HttpClient CreateClient(PrimaryServerOptions options)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = Timeout,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = TrustedRoots.FromFile(options.CaFile),
            },
        };
        return new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = MaxAnswerSize };
    }
}

/// <summary>There are no keys of a primary that could be believed.</summary>
internal sealed class PrimaryKeysException : Exception;
