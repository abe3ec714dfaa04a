using Watchword.Client;

namespace Watchword.Lab.Walk;

/// <summary>
/// One person or machine of the walk: a client as any other, with its own key store, that knows the servers by URL and CA file only.
/// </summary>
internal sealed class WalkProfile : IDisposable
{
    private readonly TlsTrust _trust;
    private readonly HttpMessageHandler _handler;
    private readonly IdmClient _idm;
    private readonly EntityCredential? _credential;

    private WalkProfile(
        string name, LabServers servers, KeyStore store, EntityCredential? credential, TimeProvider time, string? kmsUrl)
    {
        Name = name;
        KmsUrl = kmsUrl ?? servers.Ports.KmsUrl;
        Store = store;
        _credential = credential;
        _trust = TlsTrust.FromCaFile(servers.CaFile);
        _handler = _trust.CreateHandler();
        _idm = new IdmClient(
            new IdmClientOptions { Issuer = servers.Ports.IdmUrl, ClientId = credential?.ClientId ?? LabDomain.ClientId }, _handler, time);
        Tokens = credential is null ? new TokenCache(_idm, store) : new TokenCache(_idm, store, credential);
        Wire = new WireTap(_trust.CreateHandler());
        Keys = new KmClient(new KmClientOptions { KmsUrl = KmsUrl }, Wire, Tokens, time);
        Calls = new PrivateCall(store, time);
    }

    public string Name { get; }

    /// <summary>The KMS that it asks.</summary>
    public string KmsUrl { get; }

    public KeyStore Store { get; }

    public TokenCache Tokens { get; }

    public KmClient Keys { get; }

    /// <summary>What the client and the KMS last exchanged.</summary>
    public WireTap Wire { get; }

    public PrivateCall Calls { get; }

    /// <summary>A new profile below <paramref name="directory"/>, not logged in.</summary>
    public static async Task<WalkProfile> CreateAsync(
        string name, string directory, LabServers servers, TimeProvider time, LabEntity? entity = null, string? kmsUrl = null,
        CancellationToken cancellation = default)
    {
        string keyFile = Path.Combine(directory, name + ".key");
        KeyStoreUnlock.CreateKeyFile(keyFile);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
        KeyStore store = await KeyStore.CreateAsync(Path.Combine(directory, name), unlock, time, cancellationToken: cancellation);
        return new WalkProfile(
            name, servers, store, entity is null ? null : EntityCredential.FromFile(entity.ClientId, entity.Credential), time, kmsUrl);
    }

    /// <summary>Logs the user in by walking the log-in form, as a person with a browser does.</summary>
    public async Task<ClientIdentity> LogInAsync(string password, CancellationToken cancellation)
    {
        using LogInCredential credential = new(Name, password);
        return await Tokens.LogInAsync(new FormWalkingBrowser(_handler, credential), cancellation);
    }

    /// <summary>Posts to the KMS with exactly these headers: for what the library itself would never send.</summary>
    public async Task<(int Status, string Body)> PostAsync(
        Uri url, AccessToken? token, (string Name, string Value)? header, CancellationToken cancellation)
    {
        using HttpClient http = new(_handler, disposeHandler: false);
        using HttpRequestMessage request = new(HttpMethod.Post, url);
        request.Headers.Authorization = token?.ToAuthorizationHeader();
        if (header is { } extra)
        {
            request.Headers.Add(extra.Name, extra.Value);
        }

        using HttpResponseMessage response = await http.SendAsync(request, cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Keys.Dispose();
        Wire.Dispose();
        _idm.Dispose();
        _handler.Dispose();
        _trust.Dispose();
        _credential?.Dispose();
        Store.Dispose();
    }
}
